"""Where the noisy shots of a step come from: drawn afresh or drawn once and kept (``captured.py`` has the third way).

Each way is handed the draw of the step and fills the keys that the objective needs; nothing else decides a batch.
"""

from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor

from degrain.data.crops import Crops, unit
from degrain.data.draw import TorchDraw
from degrain.data.tile_bank import TileBank
from degrain.images.colour import luma
from degrain.noise.base import NoiseModel
from degrain.objectives.batch import Batch

Keys = frozenset[str]


class Supply(Protocol):
    """A way to come by noisy shots."""

    def batch(self, crops: Crops, draw: TorchDraw, needs: Keys) -> Batch:
        """The crops of one step, exactly the keys needed."""
        ...


@dataclass(frozen=True)
class Fresh:
    """Noise drawn anew at each step; ``second`` is another draw of the same pinned noise.

    A tile is seen under endlessly many noises, so two noisy shots of it say as much as the clean picture.
    """

    bank: TileBank
    noise: NoiseModel

    def batch(self, crops: Crops, draw: TorchDraw, needs: Keys) -> Batch:
        """The crops of one step."""
        clean = self.bank.crops(crops.side, draw)
        if bool(draw.chance(crops.gray)[0]):
            clean = luma(clean)
        return noisy_batch(clean, self.noise, draw, crops.blind, needs)


@dataclass(frozen=True)
class Frozen:
    """A few shots of each tile, the same for the whole run: what a camera leaves, instead of endless fresh noise.

    Only seeds are kept: the noise of a whole tile is drawn again from the run's seed, the tile and the shot, then cut.
    All shots of a tile have one pinned noise. Luma is spoilt like a tile of its own, so that its level is the true one:
    a tile has its shots once in colour and once in gray.
    """

    bank: TileBank
    noise: NoiseModel
    shots: int
    seed: int

    def batch(self, crops: Crops, draw: TorchDraw, needs: Keys) -> Batch:
        """The crops of one step."""
        places = self.bank.places(crops.side, draw)
        gray = bool(draw.chance(crops.gray)[0])
        first, other = two_of(torch.full_like(places.which, self.shots), draw)
        which, tiles = places.which.tolist(), unit(self.bank.tiles[places.which])
        tiles = luma(tiles) if gray else tiles
        own = places.at(torch.arange(len(tiles), device=tiles.device))  # tile k of ``tiles`` is that of crop k

        def drawn(shots: Tensor) -> Tensor:
            whole = zip(tiles, which, shots.tolist(), strict=True)
            return torch.cat([self.shot(clean[None], *numbers) for clean, *numbers in whole])

        noisy = drawn(first)
        levels = [self._pinned(tile).level.map(one[None]) for tile, one in zip(which, noisy, strict=True)]
        batch: Batch = {"noisy": own.cut(noisy), "clean": own.cut(tiles)}
        batch["level"] = told(own.cut(torch.cat(levels)), draw, crops.blind)
        if "second" in needs:
            batch["second"] = own.cut(drawn(other))
        return only(needs, batch)

    def shot(self, clean: Tensor, tile: int, shot: int) -> Tensor:
        """One shot of a whole tile, (1, C, tile, tile); it depends on the seed and the two numbers alone."""
        return cast(Tensor, self._pinned(tile).apply(clean, self._draw(tile, shot)))

    def _pinned(self, tile: int) -> NoiseModel:
        return self.noise.pin(self._draw(tile, -1))

    def _draw(self, tile: int, shot: int) -> TorchDraw:
        return TorchDraw.of_shot(self.seed, tile, shot, self.bank.tiles.device)


def noisy_batch(clean: Tensor, noise: NoiseModel, draw: TorchDraw, blind: float, needs: Keys) -> Batch:
    """Spoil (N, C, H, W) clean pictures; each keeps its own noise level, or zeros where it stays blind."""
    pinned = noise.pin(draw)
    noisy = pinned.apply(clean, draw)
    batch: Batch = {"noisy": noisy, "clean": clean, "level": told(pinned.level.map(noisy), draw, blind)}
    if "second" in needs:
        batch["second"] = pinned.apply(clean, draw)
    return only(needs, batch)


def told(level: Tensor, draw: TorchDraw, blind: float) -> Tensor:
    """Sigma per pixel (N, 1, H, W) as the network is told it: zeros for the share of pictures that stay blind."""
    return torch.where(draw.chance(blind), 0.0, level)


def two_of(count: Tensor, draw: TorchDraw) -> tuple[Tensor, Tensor]:
    """Two different numbers below each of (N,) counts, every ordered pair as likely; equal where the count is 1."""
    first = (draw.number(0.0, 1.0).view(-1) * count).long()
    step = 1 + (draw.number(0.0, 1.0).view(-1) * (count - 1)).long()
    return first, (first + step) % count


def only(needs: Keys, batch: Batch) -> Batch:
    """The batch without the keys that nobody asked for."""
    return cast(Batch, {key: value for key, value in batch.items() if key in needs})
