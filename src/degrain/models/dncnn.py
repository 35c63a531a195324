"""DnCNN: a plain chain of convolutions that predicts the noise.

[Zhang et al. 2017, "Beyond a Gaussian denoiser: residual learning of deep CNN for image denoising"]: 3x3 kernels, 64
wide; convolution + ReLU, then convolution + batch norm + ReLU, then one convolution; 17 layers for one noise level,
20 for a range of them (and for colour). As there, layers before a batch norm have no bias; the last has none either.
"""

import copy
from typing import Self, cast

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from degrain.errors import TrainingError
from degrain.models.base import DenoisingNet, own_planes
from degrain.models.blocks import he_conv
from degrain.spec import InputRule


class DnCNN(DenoisingNet):
    """The paper's network.

    Args:
        channels: of the pictures.
        depth: convolutions in all, at least 2.
        width: channels between them.
    """

    def __init__(self, channels: int = 1, depth: int = 17, width: int = 64) -> None:
        super().__init__(own_planes(channels), wants_level=False)
        if depth < 2:
            raise TrainingError(f"DnCNN has a first and a last layer, so depth must be 2 or more, got {depth}")
        self.depth = depth
        layers = [he_conv(channels, width), nn.ReLU()]
        for _ in range(depth - 2):
            layers += [he_conv(width, width, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        self.layers = nn.Sequential(*layers, he_conv(width, channels, bias=False))

    @property
    def rule(self) -> InputRule:
        """Any size."""
        return InputRule()

    @property
    def halo(self) -> int:
        """One pixel a layer."""
        return self.depth

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """Predicts the noise and takes it away; the level stays unread."""
        noise: Tensor = self.layers(noisy)
        return noisy - noise

    def folded(self) -> Self:
        """A copy whose batch norms have gone into the convolutions before them."""
        net = copy.deepcopy(self).eval()
        plain = nn.Sequential()
        for layer in net.layers:
            if isinstance(layer, nn.BatchNorm2d):
                layer = fuse_conv_bn_eval(cast(nn.Conv2d, plain.pop(-1)), layer)  # the one before it
            plain.append(layer)
        net.layers = plain
        return net
