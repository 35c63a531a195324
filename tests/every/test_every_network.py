"""Every network of the catalog answers the same questions, in small forms; and every recipe's network, as it ships."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

import degrain.conf
from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.errors import TrainingError
from degrain.export.checkpoint import Recipe
from degrain.export.onnx import TOLERANCE, parity, read_onnx, spec_of, to_onnx
from degrain.models.base import ByPlanes, DenoisingNet
from degrain.models.catalog import NETWORKS, build
from degrain.spec import InputRule

SMALL = {  # form -> its network, and settings that make it small enough for a test
    "attention_resunet": ("attention_resunet", {"widths": [4, 8, 12], "blocks": 1}),
    "bias_free_unet": ("bias_free_unet", {"widths": [8, 8, 16], "blocks": [1, 1, 2]}),
    "bias_free_unet_depthwise": ("bias_free_unet", {"widths": [8, 8], "blocks": [1, 1], "block": "depthwise"}),
    "conv_autoencoder": ("conv_autoencoder", {"widths": [6, 6, 6, 6]}),
    "dncnn": ("dncnn", {"depth": 4, "width": 8}),
    "ffdnet": ("ffdnet", {"depth": 4, "width": 8}),
    "ffdnet_colour": ("ffdnet", {"channels": 3, "depth": 3, "width": 12}),
    "unet": ("unet", {"base": 4, "depth": 2}),
    "unet_gray_deep": ("unet", {"channels": 1, "base": 4, "depth": 3}),
    "vit": ("vit", {"side": 16, "dim": 16, "depth": 2, "heads": 2, "mlp": 32, "stem": [4, 8]}),
    "xray_original": ("xray_autoencoder", {"widths": [4, 4, 2], "pool": 8, "side": 32}),
    "xray_new": ("xray_autoencoder", {"widths": [4, 4, 4, 4], "pool": 16, "side": 32}),
    "xray_window": ("xray_autoencoder", {"widths": [4, 4, 4, 4], "pool": 4}),
}
RECIPES = sorted(Path(degrain.conf.__path__[0], "model").glob("*.yaml"))
PARAMETERS = {  # of the recipes, counted by hand: a convolution has inputs x outputs x taps + outputs
    "attention_resunet": 5_754_198,
    "conv_autoencoder": 403_587,
    "dncnn": 556_096,  # 0.556 M in the paper: 2 x 576 + 64, and fifteen times 64 x 64 x 9 + 2 x 64
    "ffdnet": 485_316,  # 0.49 M in the paper's table
    "unet": 31_031_875,  # 31.0 M, as in the paper: 31_030_658 with its one input and two outputs
    "vit": 2_252_003,  # 1_589_760 of them in the twelve blocks
    "xray_new": 4_312_209,  # 4_196_352 of them in the fully connected layer, 2048 to 2048
    "xray_original": 4_216_057,  # the same layer
    "xray_window": 199_841,
}


def small(form: str) -> DenoisingNet:
    """The network with all branches alive: no parameter at its zero, running averages that have run."""
    torch.manual_seed(0)
    net = build(*SMALL[form])
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        net.train()(*tensors(net))
    return net.eval()


@pytest.fixture(params=sorted(SMALL))
def net(request: pytest.FixtureRequest) -> DenoisingNet:
    return small(request.param)


def tiles_agree(form: str) -> bool:
    """Whether the network says that what lies beyond its halo cannot change a pixel."""
    rule = build(*SMALL[form]).rule
    return rule.scope == "tile" and rule.exact is None and not rule.blend


@pytest.fixture(params=[form for form in sorted(SMALL) if tiles_agree(form)])
def local_net(request: pytest.FixtureRequest) -> DenoisingNet:
    return small(request.param).double()


def sizes(rule: InputRule) -> Iterator[tuple[int, int]]:
    """The smallest size allowed, and odd multiples of the step; or the only size."""
    if rule.exact is not None:
        yield rule.exact, rule.exact
    else:
        fewest = -(-rule.minimum // rule.multiple_of)
        for down, across in ((fewest, fewest), (fewest + 2, fewest + 5)):
            yield down * rule.multiple_of, across * rule.multiple_of


def tensors(net: DenoisingNet, batch: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    height, width = list(sizes(net.rule))[-1]
    return torch.rand(batch, net.width, height, width), torch.full((batch, 1, height, width), 0.1)


def test_every_network_has_a_small_form() -> None:
    assert {name for name, _ in SMALL.values()} == set(NETWORKS)


@torch.no_grad()
def test_every_size_that_the_rule_allows_is_kept(net: DenoisingNet) -> None:
    for height, width in sizes(net.rule):
        noisy = torch.rand(1, net.width, height, width)
        assert net(noisy, torch.zeros(1, 1, height, width)).shape == noisy.shape


@torch.no_grad()
def test_a_picture_passes_through_its_planes(net: DenoisingNet) -> None:
    _, level = tensors(net)
    for channels in net.planes:
        picture = torch.rand(2, channels, *level.shape[2:])
        assert ByPlanes(net)(picture, level).shape == picture.shape


@torch.no_grad()
def test_the_level_is_read_where_it_is_wanted_and_only_there(net: DenoisingNet) -> None:
    noisy, level = tensors(net)
    assert torch.equal(net(noisy, level), net(noisy, 2 * level)) != net.wants_level


@torch.no_grad()
def test_pictures_of_a_batch_do_not_see_each_other(net: DenoisingNet) -> None:
    noisy, level = tensors(net, batch=3)
    assert torch.allclose(net(noisy, level)[:1], net(noisy[:1], level[:1]), atol=1e-5)


def test_gradient_reaches_every_parameter(net: DenoisingNet) -> None:
    noisy, level = tensors(net)
    net(noisy, level).square().mean().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@torch.no_grad()
def test_folding_changes_nothing_but_the_parameter_count(net: DenoisingNet) -> None:
    noisy, level = tensors(net)
    folded = net.folded()
    assert torch.allclose(net(noisy, level), folded(noisy, level), atol=1e-5)
    assert sum(p.numel() for p in folded.parameters()) <= sum(p.numel() for p in net.parameters())


@torch.no_grad()
def test_a_pixel_changes_what_lies_within_the_halo_and_nothing_beyond(local_net: DenoisingNet) -> None:
    halo, step = local_net.halo, local_net.rule.multiple_of
    middle = -(-(halo + step) // step) * step
    places = range(middle, middle + step)  # one for each way the strides can fall
    noisy = torch.rand(1, local_net.width, 2 * middle, 2 * middle).double().repeat(step + 1, 1, 1, 1)
    for picture, place in zip(noisy, places, strict=False):
        picture[:, place, place] += 1
    answers = local_net(noisy, torch.full((step + 1, 1, 2 * middle, 2 * middle), 0.1).double())
    farthest = 0
    for answer, place in zip(answers, places, strict=False):
        _, rows, columns = (answer != answers[-1]).nonzero(as_tuple=True)  # the last picture is as it was
        farthest = max(farthest, *(int((reached - place).abs().max()) for reached in (rows, columns)))
    assert 0.7 * halo < farthest <= halo


@torch.no_grad()
def test_a_tile_gives_what_the_whole_gives(local_net: DenoisingNet) -> None:
    step = local_net.rule.multiple_of
    halo = -(-local_net.halo // step) * step
    noisy = torch.rand(1, local_net.width, 2 * halo + 3 * step, 2 * halo + 4 * step).double()
    level = torch.full((1, 1, *noisy.shape[2:]), 0.1).double()
    tile = (..., slice(step, None), slice(2 * step, None))
    whole, part = local_net(noisy, level)[tile], local_net(noisy[tile], level[tile])
    inner = (..., slice(halo, None), slice(halo, None))  # the other two sides are those of the picture
    assert torch.allclose(whole[inner], part[inner], rtol=1e-12)
    assert not torch.allclose(whole, part, rtol=1e-3)  # nearer to the cut there is something to see


@pytest.mark.parametrize("form", sorted(SMALL))
def test_it_learns(form: str) -> None:
    torch.manual_seed(0)
    net = build(*SMALL[form]).train()
    _, level = tensors(net, batch=8)
    noise = level * torch.randn(8, net.width, *level.shape[2:])
    clean = torch.rand(8, net.width, 1, 1).expand_as(noise)
    one_answer_for_all = clean.var(0, correction=0).mean()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    losses = []
    for _ in range(50):
        loss = (net(clean + noise, level) - clean).square().mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.7 * min(losses[0], one_answer_for_all)


def test_the_exported_graph_gives_the_same(net: DenoisingNet) -> None:
    spec = spec_of(net, Recipe("mine", "", {}, {}))
    model = to_onnx(net.folded(), spec)
    assert parity(net, model) < TOLERANCE
    denoiser = OnnxDenoiser(model, threads=1)  # refuses inputs other than agreed
    assert denoiser.spec == spec
    for height, width in sizes(net.rule):
        for channels in net.planes:
            noisy = torch.rand(3, channels, height, width)
            level = torch.full((3, 1, height, width), 0.1)
            with torch.no_grad():
                expected = ByPlanes(net)(noisy, level).numpy()
            np.testing.assert_allclose(denoiser(noisy.numpy(), level.numpy()), expected, atol=TOLERANCE)


@pytest.mark.parametrize("form", sorted(SMALL))
def test_training_takes_up_an_exported_file_or_says_that_it_cannot(form: str) -> None:
    net, (network, settings) = small(form), SMALL[form]
    model = to_onnx(net.folded(), spec_of(net, Recipe("mine", network, settings, {})))
    if form in {"dncnn", "vit"}:  # the exporter merges the batch norm of the one and renames the layers of the other
        with pytest.raises(TrainingError, match=r"mine\.onnx holds its weights in a form"):
            read_onnx(model, "mine.onnx")
        return
    other = read_onnx(model, "mine.onnx")
    given = tensors(net)
    with torch.no_grad():
        assert torch.allclose(net(*given), other(*given), atol=1e-5)
    other.train()(*given).sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in other.parameters())


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
@torch.no_grad()
def test_the_network_of_a_recipe(recipe: Path) -> None:
    model = OmegaConf.to_container(OmegaConf.load(recipe))
    net = build(model["network"], model["settings"]).eval()
    assert model["name"] == recipe.stem
    if recipe.stem in PARAMETERS:
        assert sum(parameter.numel() for parameter in net.parameters()) == PARAMETERS[recipe.stem]
    height, width = next(sizes(net.rule))
    noisy = torch.rand(1, net.width, height, width)
    assert net(noisy, torch.zeros(1, 1, height, width)).shape == noisy.shape
