"""FFDNet: a plain chain of convolutions at half resolution that is told the noise level.

[Zhang et al. 2018, "FFDNet: toward a fast and flexible solution for CNN-based image denoising"]: pixel-unshuffle by
two, 3x3 convolutions with ReLUs between them, pixel-shuffle; 15 layers of 64 for gray, 12 of 96 for colour. Without
batch norms: in the paper they are merged into the convolutions before it runs.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.models.base import DenoisingNet, own_planes
from degrain.models.blocks import he_conv
from degrain.spec import InputRule

STRIDE = 2  # all layers run at half resolution


class FFDNet(DenoisingNet):
    """The paper's network.

    Args:
        channels: of the pictures.
        depth: convolutions in all, at least 2.
        width: channels between them.
    """

    def __init__(self, channels: int = 1, depth: int = 15, width: int = 64) -> None:
        super().__init__(own_planes(channels), wants_level=True)
        if depth < 2:
            raise TrainingError(f"FFDNet has a first and a last layer, so depth must be 2 or more, got {depth}")
        self.depth = depth
        phases = channels * STRIDE**2
        layers = [he_conv(phases + 1, width), nn.ReLU()]
        for _ in range(depth - 2):
            layers += [he_conv(width, width), nn.ReLU()]
        self.layers = nn.Sequential(*layers, he_conv(width, phases))

    @property
    def rule(self) -> InputRule:
        """Even sides."""
        return InputRule(multiple_of=STRIDE, minimum=STRIDE)

    @property
    def halo(self) -> int:
        """One pixel of half resolution a layer, and the other phase of the last."""
        return STRIDE * self.depth + STRIDE - 1

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """Gives the clean picture itself, not the noise."""
        phases = F.pixel_unshuffle(noisy, STRIDE)  # (N, 4 C, H/2, W/2)
        x = torch.cat([phases, F.avg_pool2d(level, STRIDE)], dim=1)
        return F.pixel_shuffle(self.layers(x), STRIDE)
