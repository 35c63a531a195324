"""A residual U-Net with attention, made for Noise2Noise training. It predicts the noise and takes it away.

Its parts, each from its paper:
- residual blocks with squeeze-and-excitation [Hu et al. 2018, "Squeeze-and-excitation networks"]; its rectifier is
  leaky, for the few plain ones of a narrow level may all be dead from the start;
- attention gates on the skips [Oktay et al. 2018, "Attention U-Net"]; the gating signal is the coarser level brought up
  to the skip's size, not the skip brought down to it;
- pixel-shuffle upsampling that starts as nearest-neighbour, hence without checkerboards
  [Aitken et al. 2017, "Checkerboard artifact free sub-pixel convolution"];
- a global residual [Zhang et al. 2017, DnCNN].
No batch norm: it would make the answer for one picture depend on the others. Widths and depth are ours, none are given.

Squeeze-and-excitation averages over the whole tile, so tiles do not agree exactly: they are faded into each other.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from degrain.models.base import DenoisingNet, own_planes
from degrain.models.blocks import SLOPE, halving, he_conv, kernel
from degrain.models.geometry import Down, Layers, Up, reach
from degrain.spec import InputRule

CONV, SHRINK, SHUFFLE = Down(3, 1, 1), Down(2, 2), Up(2, 2)
BLEND = 32  # pixels, over which a difference in the averages of two tiles goes unseen


class SqueezeExcitation(nn.Module):
    """Weighs each channel, 0 to 1, by what all channels are on average."""

    def __init__(self, width: int, reduction: int = 8) -> None:
        super().__init__()
        hidden = max(width // reduction, 4)
        self.squeeze = nn.Conv2d(width, hidden, 1)
        self.excite = nn.Conv2d(hidden, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) -> the same shape."""
        average = x.mean((2, 3), keepdim=True)  # (N, width, 1, 1)
        return x * torch.sigmoid(self.excite(F.leaky_relu(self.squeeze(average), SLOPE)))


class SqueezeBlock(nn.Module):
    """x + weighed(conv(relu(conv(x))))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = he_conv(width, width)
        self.second = he_conv(width, width, gain=0.5)  # a deep chain of blocks starts near the identity
        self.weigh = SqueezeExcitation(width)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) -> the same shape."""
        residual: Tensor = self.weigh(self.second(F.relu(self.first(x))))
        return x + residual


class AttentionGate(nn.Module):
    """Lets a skip pass where the coarser level asks for it: one weight per pixel, 0 to 1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = max(width // 2, 1)
        self.of_skip = nn.Conv2d(width, hidden, 1, bias=False)
        self.of_gate = nn.Conv2d(width, hidden, 1)
        self.weight = nn.Conv2d(hidden, 1, 1)

    def forward(self, skip: Tensor, gate: Tensor) -> Tensor:
        """(N, width, H, W) each -> the skip, weighed."""
        return skip * torch.sigmoid(self.weight(F.relu(self.of_skip(skip) + self.of_gate(gate))))


class ShuffleUp(nn.Module):
    """A convolution to four times the channels, which become twice the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = he_conv(inputs, 4 * outputs)
        # ICNR: the four channels that become one 2x2 square start equal, and so does the square.
        self.conv.weight = nn.Parameter(kernel(inputs, outputs, 3).repeat_interleave(4, dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, 2 H, 2 W)."""
        return F.pixel_shuffle(self.conv(x), 2)


class AttentionResUNet(DenoisingNet):
    """The whole network.

    Args:
        channels: of the pictures.
        widths: channels of each level, finest first.
        blocks: residual blocks of each level, down and up; the bottom has them once.
    """

    def __init__(self, channels: int = 3, widths: Sequence[int] = (32, 64, 128, 256), blocks: int = 2) -> None:
        super().__init__(own_planes(channels), wants_level=False)
        self.levels, self.blocks = len(widths), blocks

        def stage(width: int) -> nn.Sequential:
            return nn.Sequential(*(SqueezeBlock(width) for _ in range(blocks)))

        upwards = list(pairwise(widths[::-1]))  # (coarser, finer) neighbours
        self.head = he_conv(channels, widths[0])
        self.down = nn.ModuleList(stage(width) for width in widths)
        self.shrink = nn.ModuleList(halving(fine, coarse) for fine, coarse in pairwise(widths))
        self.grow = nn.ModuleList(ShuffleUp(coarse, fine) for coarse, fine in upwards)
        self.gates = nn.ModuleList(AttentionGate(fine) for _, fine in upwards)
        self.merge = nn.ModuleList(nn.Conv2d(2 * fine, fine, 1) for _, fine in upwards)
        self.up = nn.ModuleList(stage(fine) for _, fine in upwards)
        self.tail = he_conv(widths[0], channels, gain=0.05)  # starts as the picture itself, nearly

    @property
    def rule(self) -> InputRule:
        """Each level halves the sides; tiles fade into each other."""
        step = 2 ** (self.levels - 1)
        return InputRule(multiple_of=step, minimum=step, blend=BLEND)

    @property
    def halo(self) -> int:
        """How far the convolutions look; beyond it a pixel acts only through the tile's averages."""
        stage: Layers = [CONV, CONV] * self.blocks
        down: Layers = [*stage, SHRINK] * (self.levels - 1)
        up: Layers = [CONV, SHUFFLE, *stage] * (self.levels - 1)
        return reach([CONV, *down, *stage, *up, CONV])

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """Predicts the noise and takes it away; the level stays unread."""
        x, skips = self.head(noisy), []  # (N, widths[0], H, W)
        for stage, shrink in zip(self.down, self.shrink, strict=False):
            x = stage(x)
            skips.append(x)
            x = shrink(x)  # half the size, the next width
        x = self.down[-1](x)
        for grow, gate, merge, stage in zip(self.grow, self.gates, self.merge, self.up, strict=True):
            x = grow(x)  # twice the size, the finer width
            x = stage(merge(torch.cat([x, gate(skips.pop(), x)], dim=1)))
        noise: Tensor = self.tail(x)
        return noisy - noise
