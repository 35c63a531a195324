from pathlib import Path

import pytest
import torch
from omegaconf import OmegaConf
from torch import nn

import degrain.conf
from degrain.errors import TrainingError
from degrain.models.catalog import build
from degrain.models.xray_autoencoder import XrayAutoencoder


@pytest.mark.parametrize(
    ("model", "convolutions", "connected", "factor"),
    [("xray_original", 3, 1, 8), ("xray_new", 4, 1, 16), ("xray_window", 4, 0, 4)],
)
def test_the_three_models(model: str, convolutions: int, connected: int, factor: int) -> None:
    recipe = OmegaConf.load(Path(degrain.conf.__path__[0], "model", f"{model}.yaml"))
    net = build(recipe.network, recipe.settings)

    def count(kind: type[nn.Module]) -> int:
        return sum(isinstance(module, kind) for module in net.modules())

    assert (count(nn.Conv2d), count(nn.ConvTranspose2d), count(nn.Linear)) == (convolutions, convolutions, connected)
    assert 2 ** count(nn.MaxPool2d) == factor == net.rule.multiple_of / net.shrink
    assert (net.rule.scope == "resize") == bool(connected)


def test_the_connected_layer_joins_every_pixel_to_every_other() -> None:
    torch.manual_seed(0)
    net = XrayAutoencoder([4, 4], pool=4, side=16)
    noisy = torch.rand(1, 1, 16, 16, requires_grad=True)
    net(noisy, torch.zeros(1, 1, 16, 16))[0, 0, 0, 0].backward()
    assert noisy.grad is not None
    assert noisy.grad[0, 0, 12:, 12:].abs().sum() > 0  # the far corner


@pytest.mark.parametrize(
    "settings",
    [
        {"widths": [4, 4], "pool": 3},  # no power of two
        {"widths": [4, 4], "pool": 8},  # more halvings than convolutions
        {"widths": [4, 4], "pool": 4, "side": 18},
        {"widths": [4, 4], "pool": 4, "side": 24, "shrink": 4},
    ],
)
def test_what_cannot_shrink_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(TrainingError, match="cannot shrink") as caught:
        build("xray_autoencoder", settings)
    assert caught.value.hint
