"""How different two pictures look to a network that has learned to see. [Johnson et al. 2016]"""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.objectives.vgg import trained_vgg16

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")


class Perceptual(nn.Module):
    """Mean squared difference between features of VGG-16, averaged over the layers; in the precision of training.

    Args:
        weights: file of VGG-16's weights, .safetensors or torch; None = fetch the published one (528 MB, once).
        layers: whose features are compared.

    Raises:
        TrainingError: the weights cannot be had, or a layer is unknown.
    """

    def __init__(self, weights: str | Path | None = None, layers: Sequence[str] = LAYERS) -> None:
        super().__init__()
        self.net = trained_vgg16(layers, weights)

    def forward(self, candidate: Tensor, target: Tensor) -> Tensor:
        """(N, 1 or 3, H, W) unit range. Gray is repeated; no gradient goes to the target or the network."""
        self.to(candidate.device)  # no part of the trained module, so nobody else moves it
        with torch.no_grad():
            wanted = self._features(target)
        pairs = zip(self._features(candidate), wanted, strict=True)
        return torch.stack([F.mse_loss(seen.float(), goal.float()) for seen, goal in pairs]).mean()

    def _features(self, picture: Tensor) -> list[Tensor]:
        least = 2 ** sum(isinstance(module, nn.MaxPool2d) for module in self.net.features)
        if min(picture.shape[-2:]) < least:
            height, width = picture.shape[-2:]
            raise TrainingError(f"the perceptual loss needs sides of {least} pixels or more, got {height}x{width}")
        return list(self.net(picture.expand(-1, 3, -1, -1)))
