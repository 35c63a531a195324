"""The U-Net of 2015.

[Ronneberger, Fischer, Brox 2015, "U-Net: convolutional networks for biomedical image segmentation"]: a contracting path
of two 3x3 convolutions and a max-pool, four times, from 64 channels to 1024; an expanding path of 2x2 transposed
convolutions, each joined to the contracting path's features by concatenation; a 1x1 convolution at the end; He
initialisation. The differences:
- convolutions are padded, so that the output has the input's size (the paper's shrinks from 572 to 388);
- the last layer gives a picture between 0 and 1, by a sigmoid, where the paper gives two classes;
- no dropout at the bottom: noise drawn anew in each step is augmentation enough.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from degrain.models.base import DenoisingNet, own_planes
from degrain.models.blocks import he_conv, he_init
from degrain.models.geometry import Down, Layers, Up, reach
from degrain.spec import InputRule

DOUBLE = (Down(3, 1, 1), Down(3, 1, 1))
POOL = Down(2, 2)
GROW = Up(2, 2)


class UNet(DenoisingNet):
    """The paper's network at any width and depth.

    Args:
        channels: of the pictures.
        base: channels of the finest level; each coarser one has twice as many.
        depth: max-pools on the way down.
    """

    def __init__(self, channels: int = 3, base: int = 64, depth: int = 4) -> None:
        super().__init__(own_planes(channels), wants_level=False)
        self.depth = depth
        widths = [base * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(double(i, o) for i, o in pairwise([channels, *widths]))
        self.pool = nn.MaxPool2d(*POOL)
        self.grow = nn.ModuleList(he_init(nn.ConvTranspose2d(i, o, *GROW)) for i, o in pairwise(widths[::-1]))
        self.up = nn.ModuleList(double(2 * width, width) for width in widths[-2::-1])
        self.tail = he_conv(base, channels, size=1)

    @property
    def rule(self) -> InputRule:
        """Each max-pool halves the sides."""
        return InputRule(multiple_of=2**self.depth, minimum=2**self.depth)

    @property
    def halo(self) -> int:
        """The receptive field's radius, through the bottom."""
        down: Layers = (*DOUBLE, POOL) * self.depth
        up: Layers = (GROW, *DOUBLE) * self.depth
        return reach([*down, *DOUBLE, *up])

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """Gives the clean picture itself, between 0 and 1; the level stays unread."""
        x, skips = self.down[0](noisy), []  # (N, base, H, W)
        for convs in self.down[1:]:
            skips.append(x)
            x = convs(self.pool(x))  # half the size, twice the width
        for grow, convs in zip(self.grow, self.up, strict=True):
            x = convs(torch.cat([skips.pop(), grow(x)], dim=1))  # twice the size, half the width
        return torch.sigmoid(self.tail(x))


def double(inputs: int, outputs: int) -> nn.Sequential:
    """Two 3x3 convolutions, each with its ReLU."""
    return nn.Sequential(he_conv(inputs, outputs), nn.ReLU(), he_conv(outputs, outputs), nn.ReLU())
