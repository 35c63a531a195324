"""Three autoencoders for chest X-rays under quantum mottle.

The experiment, on NIH ChestX-ray14 brought to 512x512, has three models:
- *original*: three convolutions, max-pools of factor 8 in all, one fully connected layer in the middle;
- *new*: four convolutions, factor 16, one fully connected layer;
- *window*: four convolutions over a sliding window of 64x64.
They are one network here, and ``conf/model/xray_*.yaml`` hold their settings. The differences:
- before the convolutions of *original* and *new* the picture is averaged down by 4, and brought up again behind them:
  the weights of the fully connected layer grow with the fourth power of the side, and 4.2 million of them train on a
  CPU where a billion would not. Such a network takes one size only, others are brought to it and back, and detail is
  lost: that is in the nature of these two;
- *window* has no fully connected layer, so its windows may be of any size and agree at their seams; the experiment does
  not say how it pools: here by 4, over its first two convolutions;
- the decoder mirrors the encoder in transposed convolutions; widths are ours, none are given.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log2

import torch.nn.functional as F
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.models.base import DenoisingNet, own_planes
from degrain.models.blocks import he_init
from degrain.models.geometry import Down, Up, reach, sides
from degrain.spec import InputRule

CONV, POOL = Down(3, 1, 1), Down(2, 2)
SAME, GROW = Up(3, 1, 1), Up(4, 2, 1)


class XrayAutoencoder(DenoisingNet):
    """Convolutions and max-pools down, a fully connected layer or none, transposed convolutions up.

    Args:
        widths: channels after each convolution.
        pool: factor by which the sides shrink, a power of two: the first log2(pool) convolutions have a max-pool.
        side: of the pictures, for a fully connected layer over all they hold; None = no such layer, and any size.
        shrink: factor by which pictures are averaged down before all else; only with a side.
        channels: of the pictures.
    """

    def __init__(
        self, widths: Sequence[int], pool: int, side: int | None = None, shrink: int = 1, channels: int = 1
    ) -> None:
        super().__init__(own_planes(channels), wants_level=False)
        if pool not in (2**count for count in range(len(widths) + 1)) or (side or pool * shrink) % (pool * shrink):
            raise TrainingError(
                f"{len(widths)} convolutions cannot shrink a side of {side or 'any length'} by {pool * shrink}",
                hint=f"pool is a power of two up to {2 ** len(widths)}, and side a multiple of pool and shrink",
            )
        if shrink > 1 and side is None:
            raise TrainingError("pictures of any size are not averaged down first", hint="give side, or shrink=1")
        self.pool, self.side, self.shrink = pool, side, shrink
        pooled = [stage < log2(pool) for stage in range(len(widths))]
        self.down = [layer for halved in pooled for layer in (CONV, POOL)[: 1 + halved]]
        self.up = [GROW if halved else SAME for halved in reversed(pooled)]

        steps = list(pairwise([channels, *widths]))
        self.encoder = nn.Sequential()
        for (inputs, outputs), halved in zip(steps, pooled, strict=True):
            self.encoder.extend([he_init(nn.Conv2d(inputs, outputs, *CONV)), nn.ReLU()])
            self.encoder.extend([nn.MaxPool2d(*POOL)] * halved)
        self.middle = connected(widths[-1], sides(side // shrink, self.down)[-1]) if side else nn.Identity()
        self.decoder = nn.Sequential()
        for (outputs, inputs), layer in zip(reversed(steps), self.up, strict=True):
            self.decoder.extend([he_init(nn.ConvTranspose2d(inputs, outputs, *layer)), nn.ReLU()])
        self.decoder.pop(-1)  # no ReLU behind the last

    @property
    def rule(self) -> InputRule:
        """One size with a fully connected layer, multiples of the pooling without."""
        if self.side:
            return InputRule(multiple_of=self.step, minimum=self.side, exact=self.side, scope="resize")
        return InputRule(multiple_of=self.step, minimum=self.step)

    @property
    def step(self) -> int:
        """Pixels of the picture to one of the code."""
        return self.pool * self.shrink

    @property
    def halo(self) -> int:
        """The receptive field's radius; none around a picture that is seen whole."""
        return 0 if self.side else reach([*self.down, *self.up])

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """Gives the clean picture itself; the level stays unread."""
        code = self.encoder(F.avg_pool2d(noisy, self.shrink))  # (N, widths[-1], H/step, W/step)
        clean: Tensor = self.decoder(self.middle(code))
        return F.interpolate(clean, scale_factor=float(self.shrink), mode="bilinear") if self.shrink > 1 else clean


def connected(width: int, side: int) -> nn.Sequential:
    """A fully connected layer between all values of (N, width, side, side), and back to that shape."""
    count = width * side**2
    return nn.Sequential(nn.Flatten(), nn.Linear(count, count), nn.ReLU(), nn.Unflatten(1, (width, side, side)))
