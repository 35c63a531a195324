import torch
import torch.nn.functional as F

from degrain.models.attention_resunet import AttentionGate, AttentionResUNet, ShuffleUp, SqueezeExcitation


@torch.no_grad()
def test_upsampling_starts_as_nearest_neighbour() -> None:
    torch.manual_seed(0)
    up = ShuffleUp(8, 6)(torch.randn(2, 8, 5, 7))
    assert up.shape == (2, 6, 10, 14)
    assert torch.equal(up, F.interpolate(up[..., ::2, ::2], scale_factor=2, mode="nearest"))
    assert up.std() > 0.1


@torch.no_grad()
def test_excitation_is_one_weight_a_channel() -> None:
    torch.manual_seed(0)
    x = torch.rand(2, 8, 5, 7) + 0.1
    weights = SqueezeExcitation(8)(x) / x
    assert torch.allclose(weights, weights[..., :1, :1].expand_as(x), rtol=1e-5)
    assert ((weights > 0) & (weights < 1)).all()


@torch.no_grad()
def test_a_gate_is_one_weight_a_pixel() -> None:
    torch.manual_seed(0)
    skip = torch.rand(2, 8, 5, 7) + 0.1
    weights = AttentionGate(8)(skip, torch.randn(2, 8, 5, 7)) / skip
    assert torch.allclose(weights, weights[:, :1].expand_as(skip), rtol=1e-5)
    assert ((weights > 0) & (weights < 1)).all()


@torch.no_grad()
def test_but_for_the_averages_nothing_beyond_the_halo_reaches_a_pixel() -> None:
    torch.manual_seed(0)
    net = AttentionResUNet(widths=(4, 6), blocks=1).double()
    side = 4 * net.halo
    noisy, level = torch.rand(1, 3, side, side).double(), torch.zeros(1, 1, side, side)
    other = noisy.clone()
    other[..., side // 2, side // 2] += 1

    def farthest() -> int:
        _, _, rows, _ = (net(noisy, level) != net(other, level)).nonzero(as_tuple=True)
        return int((rows - side // 2).abs().max())

    assert farthest() > net.halo
    for module in net.modules():
        if isinstance(module, SqueezeExcitation):
            module.excite.weight.zero_()  # the averages are not asked
    assert 0.7 * net.halo < farthest() <= net.halo
