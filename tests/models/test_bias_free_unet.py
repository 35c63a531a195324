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
    inner = (..., slice(net.halo, -net.halo), slice(net.halo, -net.halo))  # zero padding is a step in brightness
    assert torch.allclose(net(noisy + shift, levels)[inner], (net(noisy, levels) + shift)[inner], rtol=1e-9)


def test_small_is_small() -> None:
    net = build("bias_free_unet", {"widths": [24, 48, 96], "blocks": [1, 1, 4]}).folded()
    assert 0.8e6 < sum(parameter.numel() for parameter in net.parameters()) < 1.2e6


@pytest.mark.parametrize(("name", "settings"), [("no_such", {}), ("bias_free_unet", {"depth": 3})])
def test_what_cannot_be_built_is_a_clear_error(name: str, settings: dict[str, int]) -> None:
    with pytest.raises(TrainingError, match=name):
        build(name, settings)
