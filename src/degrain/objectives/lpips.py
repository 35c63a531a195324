"""LPIPS: how different two pictures look to VGG-16, its features weighted as people judged. [Zhang et al. 2018]

The weights of the features are those of version 0.1, which torchmetrics carries.
"""

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import torch
from torch import Tensor, nn

from degrain.errors import ImageError, MetricError, TrainingError
from degrain.images.scale import Unit
from degrain.metrics.fidelity import difference
from degrain.objectives.vgg import URL, trained_vgg16
from degrain.storage.fetch import cache_folder

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
LEAST = 16  # pixels: four times halved, one is left


def lpips(clean: Unit, candidate: Unit) -> float:
    """LPIPS 0.1 with VGG-16, 0.0 for equal pictures; gray counts as R = G = B.

    Args:
        clean: (C, H, W) unit range, sides of 16 pixels or more.
        candidate: alike.

    Raises:
        ImageError: when the pictures differ in shape or are too small.
        MetricError: the weights of VGG-16 are not in the cache folder and cannot be fetched.
    """
    height, width = difference(clean, candidate).shape[1:]
    if min(height, width) < LEAST:
        raise ImageError(f"lpips needs sides of at least {LEAST} pixels, got {height}x{width}")
    with torch.inference_mode():
        first, second = (torch.from_numpy(one).expand(1, 3, -1, -1) for one in (clean, candidate))
        return float(_trained()(first, second))


class Lpips(nn.Module):
    """The distance as a network.

    Args:
        weights: file of VGG-16's weights, .safetensors or torch; None = fetch the published one (528 MB, once).

    Raises:
        TrainingError: the weights cannot be had.
    """

    def __init__(self, weights: str | Path | None = None) -> None:
        super().__init__()
        self.net = trained_vgg16(LAYERS, weights)
        self.heads = _heads()

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Colour pictures (N, 3, H, W) in unit range -> (N,)."""
        pairs = zip(self._directions(first), self._directions(second), strict=True)
        terms = [
            (head * (one - other) ** 2).sum(1).mean((1, 2))
            for head, (one, other) in zip(self.heads, pairs, strict=True)
        ]
        return torch.stack(terms).sum(0)

    def _directions(self, picture: Tensor) -> list[Tensor]:
        """The features of each layer, of length 1 at each pixel."""
        return [one / torch.sqrt(one.square().sum(1, keepdim=True) + 1e-8) for one in self.net(picture)]


@cache
def _trained() -> Lpips:
    try:
        return Lpips()
    except TrainingError as error:
        raise MetricError(f"lpips cannot be measured: {error}", hint=f"put {URL} into {cache_folder()}") from error


def _heads() -> list[Tensor]:
    """A weight for each feature, (1, C, 1, 1) for each layer; none is negative."""
    with as_file(files("torchmetrics") / "functional/image/lpips_models/vgg.pth") as path:
        state = torch.load(path, map_location="cpu", weights_only=True)
    return [state[f"lin{layer}.model.1.weight"].float() for layer in range(len(LAYERS))]
