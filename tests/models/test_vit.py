import pytest
import torch
from torch import nn

from degrain.errors import TrainingError
from degrain.models.catalog import build
from degrain.models.vit import ViTAutoencoder


def test_depth_heads_and_widths_are_those_of_the_experiment() -> None:
    net = ViTAutoencoder()
    blocks = [module for module in net.modules() if isinstance(module, nn.TransformerEncoderLayer)]
    assert len(blocks) == 12
    assert {(b.self_attn.embed_dim, b.self_attn.num_heads, b.linear1.out_features) for b in blocks} == {(128, 8, 256)}
    assert net.patch == 8
    assert net.position.shape == (1, (64 // 8) ** 2, 128)
    assert net.rule.exact == 64


@torch.no_grad()
def test_every_patch_sees_every_other() -> None:
    torch.manual_seed(0)
    net = ViTAutoencoder(side=32, dim=16, depth=1, heads=2, mlp=32, stem=(4, 8)).eval().double()
    noisy, level = torch.rand(1, 3, 32, 32).double(), torch.zeros(1, 1, 32, 32)
    other = noisy.clone()
    other[..., :4, :4] = 0
    assert (net(noisy, level) != net(other, level)).all()


@torch.no_grad()
def test_skips_carry_what_the_patches_do_not() -> None:
    torch.manual_seed(0)
    net = ViTAutoencoder(side=16, dim=16, depth=1, heads=2, mlp=32, stem=(4, 8)).eval()
    for parameter in net.embed.parameters():
        parameter.zero_()  # no patch says anything
    noisy, level = torch.rand(1, 3, 16, 16), torch.zeros(1, 1, 16, 16)
    assert not torch.allclose(net(noisy, level), net(noisy.flip(3), level), atol=1e-3)


@pytest.mark.parametrize("settings", [{"side": 60}, {"heads": 7}])
def test_what_does_not_divide_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(TrainingError, match="cannot share") as caught:
        build("vit", settings)
    assert caught.value.hint
