"""Denoisers x pictures x noises -> rows, every denoiser on the very same noisy pixels.

The rules, the same for every row, the noisy picture's own included:

- noise is drawn in float32 from ``default_rng([seed, index])`` and never clipped, as published tables have it;
- what comes out is clipped to [0, 1] and rounded to 8 bit, then measured: PSNR is one MSE over the channels;
- the mean over pictures is the mean of their PSNRs; time is the time inside the engine.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from degrain.denoisers.base import Denoiser
from degrain.evaluation.rows import Row, Trial, measure
from degrain.images.colour import LUMA
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale, Unit
from degrain.inference.engine import DEFAULT_TILE, Engine
from degrain.noise.base import NoiseModel
from degrain.noise.draw import NumpyDraw
from degrain.noise.level import BLIND, NoiseLevel
from degrain.sources.base import Item

NOISY = "noisy"  # the name of the row that nothing has been done to
FLOAT = PixelScale.of("float32")


def _unwatched(row: Row) -> None:
    """Nobody follows the progress."""


@dataclass(frozen=True)
class Benchmark:
    """A comparison of denoisers under fixed conditions.

    Attributes:
        denoisers: by the name that the rows show.
        seed: of the noise; the picture's index is the other half.
        blind: tell no model the noise level.
        gray: compare on luma, rounded to 8 bit, instead of colour.
        tile: longest side of a tile, pixels.
    """

    denoisers: Mapping[str, Denoiser]
    seed: int = 0
    blind: bool = False
    gray: bool = False
    tile: int = DEFAULT_TILE

    def run(
        self, items: Sequence[Item], noises: Mapping[str, NoiseModel], on_row: Callable[[Row], None] = _unwatched
    ) -> list[Row]:
        """Measure everything, picture by picture.

        Args:
            items: clean pictures, of at least 11 pixels a side.
            noises: by the name that the rows show.
            on_row: called with each row as it is ready.

        Returns:
            ``len(items) * len(noises) * (1 + len(denoisers))`` rows, the noisy picture's before the models'.

        Raises:
            ImageError: a picture cannot be read, or is too small.
            ModelError: a model does not fit a picture.
        """
        rows = []
        for index, item in enumerate(items):
            clean = self.clean(item)
            for name, noise in noises.items():
                for trial in self.trials(clean, index, noise):
                    rows.append(measure(trial, clean, item.key, name))
                    on_row(rows[-1])
        return rows

    def trials(self, clean: Unit, index: int, noise: NoiseModel) -> Iterator[Trial]:
        """The noisy picture, then what each model makes of it.

        Args:
            clean: (C, H, W), unit range.
            index: the picture's place in the list; with the seed it settles the noise.
            noise: ranges in it are drawn first.
        """
        draw = NumpyDraw(np.random.default_rng([self.seed, index]))
        pinned = noise.pin(draw)
        noisy = Picture(pinned.apply(clean, draw).transpose(1, 2, 0), FLOAT)
        yield Trial(NOISY, "", finish(noisy), 0.0)
        for name, denoiser in self.denoisers.items():
            level = self._told(denoiser, pinned)
            start = perf_counter()
            result = Engine(denoiser, tile=self.tile).denoise(noisy, level=level)
            seconds = perf_counter() - start
            yield Trial(name, "sigma known" if level.known else "blind", finish(result), seconds)

    def clean(self, item: Item) -> Unit:
        """The picture to compare with, (C, H, W) unit range; luma if the benchmark is gray."""
        unit = item.load().unit()
        return luma(unit) if self.gray and len(unit) == 3 else unit

    def _told(self, denoiser: Denoiser, pinned: NoiseModel) -> NoiseLevel:
        """The true level for a model that wants one; a noise without a single sigma has none to tell."""
        return NoiseLevel(255 * float(pinned.level)) if denoiser.spec.wants_level and not self.blind else BLIND


def luma(colour: Unit) -> Unit:
    """(3, H, W) -> (1, H, W), full range, rounded to 8 bit: how BSD68 was made of CBSD68."""
    return rounded(np.tensordot(np.asarray(LUMA, np.float32), colour, axes=1)[np.newaxis])


def finish(picture: Picture) -> Unit:
    """What an 8-bit file would hold of it, as (C, H, W) unit range."""
    return rounded(picture.unit())


def rounded(unit: Unit) -> Unit:
    """Clipped to [0, 1] and rounded to the 256 values of 8 bit."""
    eight: Unit = np.rint(np.clip(unit, 0, 1) * np.float32(255)) / np.float32(255)
    return eight
