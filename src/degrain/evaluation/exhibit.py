"""One picture to look at: before | after, or clean | noisy | each model, and below what each removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath

import numpy as np

from degrain.evaluation.benchmark import INPUT, NOISY, Benchmark
from degrain.evaluation.rows import Row, Trial
from degrain.evaluation.table import deviation, told
from degrain.images.panel import Column, Crop, check_crop, panel
from degrain.images.picture import Picture
from degrain.images.scale import EIGHT_BIT, Unit
from degrain.metrics.table import METRICS
from degrain.noise.base import NoiseModel

DETAIL = 96  # pixels: side of the detail that is chosen when none is given
LOOKED_AT = 2048  # pixels a side: the detail of a larger picture is looked for in every so-manyth of them


@dataclass(frozen=True)
class View:
    """One of the pictures.

    Attributes:
        name: ``"clean"``, ``"noisy"``, ``"input"`` or the model's.
        numbers: its metrics, as text; the picture's name where there are none.
        picture: 8 bit.
        removed: what the model took away from the noisy picture, enlarged, around middle gray; under the noisy
            picture the noise itself; None where there is neither.
        below: what that is, and how much it is enlarged.
    """

    name: str
    numbers: str
    picture: Picture
    removed: Picture | None = None
    below: str = ""


@dataclass(frozen=True)
class Exhibit:
    """One picture, spoilt or as it came, under every model.

    Attributes:
        picture: its key.
        noise: what it was spoilt with; empty when it came noisy.
        rows: the numbers, the noisy picture's first.
        views: the pictures, from left to right.
        crop: the detail to show large: top, left, height, width; None for a tiny picture.
    """

    picture: str
    noise: str
    rows: Sequence[Row]
    views: Sequence[View]
    crop: Crop | None


def exhibit(
    benchmark: Benchmark,
    picture: Picture,
    key: str,
    index: int,
    noise: NoiseModel | None,
    name: str = "",
    crop: Crop | None = None,
) -> Exhibit:
    """Run every model on one picture.

    Args:
        benchmark: the models and the conditions.
        picture: clean, unless it is to be taken as it is.
        key: what it is called.
        index: its place in the benchmark's list, which settles the noise.
        noise: what to spoil it with; None takes it as it is, and nothing can be measured against a clean one.
        name: of the noise.
        crop: top, left, height, width of the detail; None looks for the busiest place.

    Raises:
        ImageError: it is too small for a metric, or the crop leaves it.
        ModelError: a model does not fit it.
    """
    if noise is None:
        clean, trials = None, benchmark.answers(picture)
    else:
        clean = benchmark.clean(picture)
        trials = benchmark.trials(clean, index, noise)
    noisy = next(trials)
    if crop is not None:
        check_crop(crop, *noisy.pixels.shape[1:])  # before any model runs
    done = [noisy, *trials]
    rows = [benchmark.measure(trial, clean, key, name) for trial in done]
    views = _views(done, rows, clean)
    return Exhibit(key, name, rows, views, crop or busiest(done[-1].pixels if clean is None else clean))


def to_panel(shown: Exhibit) -> Picture:
    """All views side by side with their numbers; below them what was removed; the detail of each large."""
    columns: list[Column] = [(f"{view.name}\n{view.numbers}", view.picture) for view in shown.views]
    below: list[Column | None] = [(view.below, view.removed) if view.removed else None for view in shown.views]
    return panel(columns, below=below, crop=shown.crop)


def before_after(noisy: Picture, clean: Picture) -> Picture:
    """Both side by side, and below them the busiest detail of each, large; what would be all black or white is not."""
    stride = -(-max(noisy.height, noisy.width) // LOOKED_AT)
    seen = clean.scale.to_unit(clean.samples[::stride, ::stride]).transpose(2, 0, 1)
    tone, crop = Tone.of(seen), busiest(seen, 2 * DETAIL)
    if tone != PLAIN:
        noisy, clean = (tone.shown(one.unit()) for one in (noisy, clean))
    if crop is not None:
        side = stride * crop[2]
        crop = min(stride * crop[0], clean.height - side), min(stride * crop[1], clean.width - side), side, side
    return panel([(name + tone.about, one) for name, one in (("before", noisy), ("after", clean))], crop=crop)


def busiest(unit: Unit, side: int = DETAIL) -> Crop | None:
    """The square of ``side`` pixels, or half a side, with the most contrast; None for a picture under 32 pixels."""
    height, width = unit.shape[1:]
    if min(height, width) < 32:
        return None
    step = min(side, height // 2, width // 2) // 4  # pixels: it is looked for on a grid
    top, left = height % step // 2, width % step // 2
    plane = unit.mean(axis=0)[top : top + height // step * step, left : left + width // step * step]
    energy = np.zeros_like(plane)
    energy[1:] += np.abs(np.diff(plane, axis=0))
    energy[:, 1:] += np.abs(np.diff(plane, axis=1))
    blocks = energy.reshape(height // step, step, width // step, step).sum(axis=(1, 3))
    squares = np.lib.stride_tricks.sliding_window_view(blocks, (4, 4)).sum(axis=(2, 3))
    row, column = np.unravel_index(np.argmax(squares), squares.shape)
    return top + int(row) * step, left + int(column) * step, 4 * step, 4 * step


def _views(trials: Sequence[Trial], rows: Sequence[Row], clean: Unit | None) -> list[View]:
    """The clean picture if there is one, the noisy one, the models'; all brightened, all differences enlarged alike."""
    noisy = trials[0].pixels
    removed = [trial.before - trial.pixels for trial in trials[1:]]
    gain = _gain(removed if clean is None else [noisy - clean, *removed])
    tone = Tone.of(noisy if clean is None else clean)
    after = [
        View(
            name=trial.model,
            numbers=_numbers(row),
            picture=tone.shown(trial.pixels),
            removed=_spread(difference, gain),
            below=f"removed {deviation(row.removed)}, shown {gain}x" if row.removed else "nothing removed",
        )
        for trial, row, difference in zip(trials[1:], rows[1:], removed, strict=True)
    ]
    about = PurePath(rows[0].picture).name + tone.about
    if clean is None:
        return [View(INPUT, about, tone.shown(noisy)), *after]
    noise = _spread(noisy - clean, gain)
    spoilt = View(NOISY, _numbers(rows[0]), tone.shown(noisy), noise, f"noise, shown {gain}x")
    return [View("clean", about, tone.shown(clean)), spoilt, *after]


def _numbers(row: Row) -> str:
    """Its metrics, two to a line; where there are none, what the model was told."""
    texts = [METRICS[name].caption(value) for name, value in row.values.items()]
    if texts:
        return "\n".join(", ".join(texts[first : first + 2]) for first in range(0, len(texts), 2))
    return told(row)


def _gain(differences: Sequence[Unit]) -> Fraction:
    """The power of two, up to 1024, by which two deviations of the strongest difference still can be shown."""
    most = max((float(np.std(one)) for one in differences), default=1.0)
    return Fraction(2) ** min(int(np.floor(np.log2(0.25 / max(most, 1e-6)))), 10)


@dataclass(frozen=True)
class Tone:
    """How a picture's unit range is shown in 8 bit.

    Attributes:
        black, white: what is shown black and white.
        about: what a caption says of it, on a line of its own.
    """

    black: float = 0.0
    white: float = 1.0
    about: str = ""

    @classmethod
    def of(cls, unit: Unit) -> "Tone":
        """Plain where a picture uses its range.

        One of less than a quarter of it, such as 12 bit in 16, is shown brighter by a power of two. One far outside of
        it, such as floats that count photons, or within less than a thirty-second of it, such as CT numbers in 16
        bit, is stretched.
        """
        low, high = map(float, np.quantile(unit[:, ::4, ::4], (0.001, 0.999)))
        if low < high and (low < -0.5 or high > 2 or (low > 0.25 and high - low < 1 / 32)):
            return cls(low, high, f"\nblack at {low:.3g}, white at {high:.3g}")
        if high >= 0.25:
            return PLAIN
        brighter = int(2 ** np.floor(-np.log2(max(high, 1e-4))))
        return cls(0.0, 1 / brighter, f"\nshown {brighter}x brighter")

    def shown(self, unit: Unit) -> Picture:
        """The picture in 8 bit."""
        return _eight_bit((unit - np.float32(self.black)) / np.float32(self.white - self.black))


PLAIN = Tone()


def _spread(difference: Unit, gain: Fraction) -> Picture:
    """A difference, enlarged, around middle gray."""
    return _eight_bit(np.float32(0.5) + np.float32(gain) * difference)


def _eight_bit(unit: Unit) -> Picture:
    return Picture(EIGHT_BIT.to_stored(unit.transpose(1, 2, 0)), EIGHT_BIT)
