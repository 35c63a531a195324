"""Crops: how large and how many, which places a step draws, and the cut itself."""

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from degrain.data.draw import TorchDraw
from degrain.errors import TrainingError

FRESH, CAPTURED = "fresh", "captured"


@dataclass(frozen=True)
class Crops:
    """How batches are cut.

    Attributes:
        side: side of a crop, pixels.
        batch: crops per step and device.
        tile: side of the tiles kept on the device, at least ``side``.
        gray: share of steps that see luma instead of colour.
        blind: share of pictures whose noise level the network is not told.
        jpegs: JPEGs of each picture to train on beside it; captures come as they are.
        shots: the noisy shots of a tile: ``"fresh"`` ones at each step; a number of them, drawn once and the same for
            the whole run; or ``"captured"``, those that the source has.
    """

    side: int = 96
    batch: int = 8
    tile: int = 192
    gray: float = 0.3
    blind: float = 0.25
    jpegs: int = 0
    shots: str | int = FRESH

    def __post_init__(self) -> None:
        if not 0 < self.side <= self.tile:
            raise TrainingError(f"data.side must lie between 1 and data.tile, got {self.side} and {self.tile}")
        if self.shots not in (FRESH, CAPTURED) and not (isinstance(self.shots, int) and self.shots >= 1):
            raise TrainingError(f"data.shots is {FRESH}, {CAPTURED} or a number from 1 on, got {self.shots!r}")


@dataclass(frozen=True)
class Places:
    """Where the N crops of a step lie, and which of eight ways round each is."""

    which: Tensor  # (N,) tile
    rows: Tensor  # (N, side), falling where it is flipped
    columns: Tensor  # (N, side)
    turned: Tensor  # (N, 1, 1, 1) rows and columns exchanged

    @classmethod
    def draw(cls, tiles: int, tile: int, side: int, draw: TorchDraw) -> Self:
        """Evenly over the tiles and inside them."""
        line = torch.arange(side, device=draw.generator.device)
        room = tile - side + 1
        rows = _flipped(line, draw) + draw.integers(room)[:, None]
        columns = _flipped(line, draw) + draw.integers(room)[:, None]
        return cls(draw.integers(tiles), rows, columns, draw.chance(0.5))

    def at(self, which: Tensor) -> Self:
        """The same places in other tiles."""
        return replace(self, which=which)

    def cut(self, tiles: Tensor) -> Tensor:
        """The crops of (T, C, tile, tile): (N, C, side, side) in unit range."""
        which = self.which[:, None, None, None]
        planes = torch.arange(tiles.shape[1], device=tiles.device)[None, :, None, None]
        crops = tiles[which, planes, self.rows[:, None, :, None], self.columns[:, None, None, :]]
        return unit(torch.where(self.turned, crops.transpose(2, 3), crops))


def unit(tiles: Tensor) -> Tensor:
    """Stored tiles in unit range: uint8 ones are scaled, float ones are so already."""
    return tiles.float() / 255 if tiles.dtype == torch.uint8 else tiles


def _flipped(line: Tensor, draw: TorchDraw) -> Tensor:
    return torch.where(draw.chance(0.5).view(-1, 1), line.flip(0), line)
