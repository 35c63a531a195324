import pytest
import torch

from degrain.errors import TrainingError
from degrain.models.catalog import build


@pytest.mark.parametrize("factor", [0.01, 0.5, 7.0])
@pytest.mark.parametrize("level", [0.0, 0.1])
def test_scaling_picture_and_level_scales_the_answer(factor: float, level: float) -> None:
    net = build("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1]}).double()
    noisy = torch.rand(1, 4, 16, 24, dtype=torch.double)
    levels = torch.full((1, 1, 16, 24), level, dtype=torch.double)
    assert torch.allclose(net(factor * noisy, factor * levels), factor * net(noisy, levels), rtol=1e-9)


def test_brightness_passes_through_unchanged() -> None:
    net = build("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1]}).double()
    noisy = torch.rand(1, 4, 64, 64, dtype=torch.double)
    levels = torch.full((1, 1, 64, 64), 0.1, dtype=torch.double)
    shift = torch.tensor([0.5, -0.2, 3.0, 1.0], dtype=torch.double).view(1, 4, 1, 1)  # another one for each plane
    assert torch.allclose(net(noisy + shift, levels), net(noisy, levels) + shift, rtol=1e-9)


def test_weights_in_16_bit_pass_no_brightness_either() -> None:
    net = build("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1]}).folded().rounded().double()
    noisy, levels = torch.rand(1, 4, 32, 32, dtype=torch.double), torch.full((1, 1, 32, 32), 0.1, dtype=torch.double)
    assert torch.allclose(net(noisy - 1000, levels), net(noisy, levels) - 1000, atol=1e-3)


def test_small_is_small() -> None:
    net = build("bias_free_unet", {"widths": [24, 48, 96], "blocks": [1, 1, 4]}).folded()
    assert 0.8e6 < sum(parameter.numel() for parameter in net.parameters()) < 1.2e6


@pytest.mark.parametrize(("name", "settings"), [("no_such", {}), ("bias_free_unet", {"depth": 3})])
def test_what_cannot_be_built_is_a_clear_error(name: str, settings: dict[str, int]) -> None:
    with pytest.raises(TrainingError, match=name):
        build(name, settings)


@pytest.mark.parametrize("block", ["residual", "depthwise"])
def test_a_wider_and_deeper_net_begins_with_the_function_of_a_smaller_one(block: str) -> None:
    small = build("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1], "block": block})
    for weight in small.parameters():
        torch.nn.init.normal_(weight, std=0.05)  # some are zero when fresh
    large = build("bias_free_unet", {"widths": [12, 24], "blocks": [1, 3], "block": block})
    large.begin_from(small)
    noisy, level = torch.rand(2, 4, 16, 24), torch.rand(2, 1, 16, 24)
    assert torch.allclose(large(noisy, level), small(noisy, level), atol=1e-6)
    large(noisy, level).square().sum().backward()
    assert large.get_parameter("tail.dense").grad[:, 8:].abs().min() > 0  # what is new learns from the first step on


@pytest.mark.parametrize(
    "other",
    [
        ("bias_free_unet", {"widths": [16, 16], "blocks": [1, 1]}),
        ("bias_free_unet", {"widths": [8, 16], "blocks": [2, 1]}),
        ("bias_free_unet", {"widths": [8, 8, 8], "blocks": [1, 1, 1]}),
        ("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1], "block": "depthwise"}),
        ("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1], "told": False}),
        ("dncnn", {"depth": 3, "width": 8}),
    ],
)
def test_a_net_that_does_not_fit_is_no_beginning(other: tuple[str, dict[str, object]]) -> None:
    net = build("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1]})
    with pytest.raises(TrainingError, match="no wider"):
        net.begin_from(build(*other))


def test_a_net_that_is_not_told_begins_with_what_the_other_does_blind() -> None:
    told = build("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1]})
    blind = build("bias_free_unet", {"widths": [8, 16], "blocks": [1, 1], "told": False})
    blind.begin_from(told)
    noisy, level = torch.rand(2, 4, 16, 24), torch.rand(2, 1, 16, 24)
    assert torch.allclose(blind(noisy, level), told(noisy, torch.zeros_like(level)), atol=1e-6)


def test_a_block_that_there_is_not_names_those_there_are():
    with pytest.raises(TrainingError, match="block is one of residual, depthwise; got 'dense'"):
        build("bias_free_unet", {"widths": [8], "blocks": [1], "block": "dense"})
