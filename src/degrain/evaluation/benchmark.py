"""Denoisers x pictures x noises -> rows, every denoiser on the very same noisy pixels.

The rules, the same for every row, the noisy picture's own included:

- noise is drawn in float32 from ``default_rng([seed, index])`` and never clipped, as published tables have it;
- what comes out is clipped to [0, 1] and rounded to 8 bit, then measured: PSNR is one MSE over the channels;
- the mean over pictures is the mean of their PSNRs; time is that of measuring the noise, where asked for, and cleaning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from degrain.denoisers.base import Denoiser
from degrain.errors import ImageError, ModelError
from degrain.evaluation.rows import Row, Trial, measure, rounded
from degrain.images.colour import luma
from degrain.images.finite import check_clean
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale, Unit
from degrain.inference.cleaning import Cleaning, Sigma
from degrain.inference.engine import Engine
from degrain.metrics.table import check_metrics
from degrain.noise.base import NoiseModel
from degrain.noise.draw import NumpyDraw
from degrain.noise.level import NoiseLevel
from degrain.sources.base import Item

NOISY, INPUT = "noisy", "input"  # the row that nothing has been done to: a picture spoilt here, or as it came
FLOAT = PixelScale.of("float32")


def _unwatched(row: Row) -> None:
    """Nobody follows the progress."""


def _ending(error: ImageError) -> None:
    """A picture that cannot be measured ends the comparison."""
    raise error


@dataclass(frozen=True)
class Benchmark:
    """A comparison of denoisers under fixed conditions.

    Attributes:
        denoisers: by the name that the rows show; a ``Cleaning`` may choose between two for each picture.
        metrics: names from ``METRICS``; PSNR is always measured, for it picks the worst picture.
        seed: of the noise; the picture's index is the other half.
        sigma: what models are told: None the true level (measured where nobody knows it, and by who chooses),
            ``"auto"`` the measured one, 0 nothing, or a level on the 0..255 scale.
        gray: compare on luma, rounded to 8 bit, instead of colour.

    Raises:
        MetricError: an unknown metric.
        ModelError: a model called as the row before the models is.
    """

    denoisers: Mapping[str, Denoiser | Cleaning]
    metrics: Sequence[str] = ("psnr", "ssim")
    seed: int = 0
    sigma: Sigma | None = None
    gray: bool = False

    def __post_init__(self) -> None:
        check_metrics(self.metrics)
        if taken := {NOISY, INPUT} & set(self.denoisers):
            raise ModelError(f"no model can be called {taken.pop()} here: that is the row of what came in")

    @cached_property
    def _cleanings(self) -> Mapping[str, Cleaning]:
        """Made once: an engine remembers the tile that fits into memory."""
        return {
            name: one if isinstance(one, Cleaning) else Cleaning(Engine(one)) for name, one in self.denoisers.items()
        }

    def run(
        self,
        items: Sequence[Item],
        noises: Mapping[str, NoiseModel],
        on_row: Callable[[Row], None] = _unwatched,
        on_refused: Callable[[ImageError], None] = _ending,
    ) -> list[Row]:
        """Measure everything, picture by picture.

        Args:
            items: clean pictures, large enough for the metrics.
            noises: by the name that the rows show.
            on_row: called with each row as it is ready.
            on_refused: called when a picture cannot be read or is too small; unless it raises, the picture is left
                out under all noises.

        Returns:
            ``len(noises) * (1 + len(denoisers))`` rows for each picture, the noisy one's before the models'.

        Raises:
            ImageError: a picture cannot be read, or is too small.
            ModelError: a model does not fit a picture.
        """
        rows: list[Row] = []
        for index, item in enumerate(items):
            try:
                rows += self._picture(item, index, noises, on_row)
            except ImageError as error:
                on_refused(error)
        return rows

    def _picture(
        self, item: Item, index: int, noises: Mapping[str, NoiseModel], on_row: Callable[[Row], None]
    ) -> list[Row]:
        rows = []
        clean = self.clean(item.load())
        for name, noise in noises.items():
            for trial in self.trials(clean, index, noise):
                rows.append(self.measure(trial, clean, item.key, name))
                on_row(rows[-1])
        return rows

    def measure(self, trial: Trial, clean: Unit | None, picture: str, noise: str) -> Row:
        """The row of one trial; without a clean picture it has no metrics. Raises ImageError."""
        try:
            return measure(trial, clean, picture, noise, dict.fromkeys(("psnr", *self.metrics)))
        except ImageError as error:
            raise ImageError(f"{picture}: {error}", error.hint) from error  # which one of many

    def trials(self, clean: Unit, index: int, noise: NoiseModel) -> Iterator[Trial]:
        """The picture spoilt, then what each model makes of it.

        Args:
            clean: (C, H, W), unit range.
            index: the picture's place in the list; with the seed it settles the noise.
            noise: ranges in it are drawn first.
        """
        draw = NumpyDraw(np.random.default_rng([self.seed, index]))
        pinned = noise.pin(draw)
        noisy = Picture(pinned.apply(clean, draw).transpose(1, 2, 0), FLOAT)
        return self.answers(noisy, pinned.level)

    def answers(self, noisy: Picture, true: NoiseLevel | None = None) -> Iterator[Trial]:
        """The picture as it came, then what each model makes of it.

        Args:
            noisy: of any kind.
            true: the level of its noise, unknown for noise that has none. None when nobody can say: then it is
                measured, unless ``sigma`` says what to tell.
        """
        before = noisy.unit()
        yield Trial(INPUT if true is None else NOISY, "", 0.0, before, before, 0.0)
        for name, cleaning in self._cleanings.items():
            chooses = cleaning.coarse is not None  # by what is measured
            unless_said: Sigma = "auto" if true is None or chooses else true
            sigma = unless_said if self.sigma is None else self.sigma
            known = "sigma measured" if sigma == "auto" else "sigma known" if self.sigma is None else "sigma given"
            cleaned = replace(cleaning, sigma=sigma).picture(noisy)
            words = known if cleaned.level.known else "no noise found" if cleaned.unchanged else "blind"
            yield Trial(name, words, float(cleaned.sigma), before, cleaned.clean.unit(), cleaned.seconds)

    def clean(self, picture: Picture) -> Unit:
        """What to compare with, (C, H, W) unit range.

        If the benchmark is gray, colour becomes luma, rounded to 8 bit: how BSD68 was made of CBSD68. Raises
        ImageError for a picture that holds NaN or infinity, or floats far outside of 0..1.
        """
        check_clean(picture)
        unit = picture.unit().clip(0, 1)  # as results are
        return rounded(luma(unit)) if self.gray and len(unit) == 3 else unit
