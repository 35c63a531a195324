"""Every network of the catalog answers the same questions."""

import pytest
import torch

from degrain.models.base import ByPlanes, DenoisingNet
from degrain.models.catalog import NETWORKS, build

SMALLEST = {  # settings that make each network small enough for a test
    "bias_free_unet": {"widths": [8, 8, 16], "blocks": [1, 1, 2]},
}


def fresh(name: str) -> DenoisingNet:
    torch.manual_seed(0)
    net = build(name, SMALLEST[name]).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))  # no branch stays at its zero
    return net


@pytest.fixture(params=sorted(NETWORKS))
def net(request: pytest.FixtureRequest) -> DenoisingNet:
    return fresh(request.param)


def tensors(net: DenoisingNet, side: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    side = -(-side // net.rule.multiple_of) * net.rule.multiple_of
    return torch.rand(2, net.width, side, side + net.rule.multiple_of), torch.full(
        (2, 1, side, side + net.rule.multiple_of), 0.1
    )


def test_output_is_shaped_like_the_input(net: DenoisingNet) -> None:
    noisy, level = tensors(net)
    assert net(noisy, level).shape == noisy.shape


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_passes_through_its_planes(net: DenoisingNet, channels: int) -> None:
    _, level = tensors(net)
    picture = torch.rand(2, channels, *level.shape[2:])
    assert ByPlanes(net)(picture, level).shape == picture.shape


def test_gradient_reaches_every_parameter(net: DenoisingNet) -> None:
    noisy, level = tensors(net)
    net(noisy, level).square().mean().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_folding_changes_nothing_but_the_parameter_count(net: DenoisingNet) -> None:
    noisy, level = tensors(net)
    folded = net.folded()
    with torch.no_grad():
        assert torch.allclose(net(noisy, level), folded(noisy, level), atol=1e-5)
    assert sum(p.numel() for p in folded.parameters()) <= sum(p.numel() for p in net.parameters())


def test_nothing_beyond_the_halo_reaches_a_pixel(net: DenoisingNet) -> None:
    side = 2 * -(-(net.halo + 16) // net.rule.multiple_of) * net.rule.multiple_of
    noisy = torch.rand(1, net.width, side, side, requires_grad=True)
    middle = side // 2
    net.double()(noisy.double(), torch.full((1, 1, side, side), 0.1).double())[0, :, middle, middle].sum().backward()
    assert noisy.grad is not None
    rows = noisy.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    columns = noisy.grad.abs().sum((0, 1, 2)).nonzero().flatten()
    for reached in (rows, columns):
        assert middle - int(reached.min()) <= net.halo
        assert int(reached.max()) - middle <= net.halo
