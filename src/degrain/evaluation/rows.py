"""What a benchmark yields: a trial is a picture, a row its numbers, a summary their means."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from degrain.images.scale import EIGHT_BIT, Unit
from degrain.metrics.fidelity import mse
from degrain.metrics.table import METRICS


@dataclass(frozen=True)
class Trial:
    """One picture after one model, or before any.

    Attributes:
        model: the name that the benchmark gives it; before any model ``"noisy"``, or ``"input"`` for a picture taken
            as it is.
        level: ``"sigma known"``, ``"sigma measured"``, ``"sigma given"``, ``"blind"``, ``"no noise found"``, or
            empty before any model.
        sigma: the level that the model was told, 0..255 scale; 0 = none.
        before: the noisy picture, (C, H, W) unit range, not clipped.
        pixels: alike, what the model made of it.
        seconds: time that the model took.
    """

    model: str
    level: str
    sigma: float
    before: Unit
    pixels: Unit
    seconds: float


@dataclass(frozen=True)
class Row:
    """What one model made of one picture under one noise.

    Attributes:
        model, level, sigma, seconds: as in the trial.
        noise: the name that the benchmark gives it; empty when the picture came noisy.
        picture: its key.
        values: by the names of metrics; none where there is no clean picture.
        removed: root mean square of what the model took away, 0..255 scale.
        megapixels: size of the picture.
    """

    model: str
    noise: str
    level: str
    sigma: float
    picture: str
    values: Mapping[str, float]
    removed: float
    seconds: float
    megapixels: float


@dataclass(frozen=True)
class Summary:
    """One model under one noise: means over the pictures, and the picture that came out worst by PSNR.

    ``level`` joins the words of all pictures: ``"sigma measured or no noise found"``.
    """

    model: str
    noise: str
    level: str
    pictures: int
    values: Mapping[str, float]
    removed: float
    seconds_per_megapixel: float
    worst_psnr: float
    worst_picture: str


def measure(trial: Trial, clean: Unit | None, picture: str, noise: str, metrics: Iterable[str]) -> Row:
    """The row of one trial, with each of the metrics on what an 8-bit file would hold, if there is a clean picture."""
    result = rounded(trial.pixels)
    return Row(
        model=trial.model,
        noise=noise,
        level=trial.level,
        sigma=trial.sigma,
        picture=picture,
        values={} if clean is None else {name: METRICS[name].measure(clean, result) for name in metrics},
        removed=255 * math.sqrt(mse(trial.before, trial.pixels)),
        seconds=trial.seconds,
        megapixels=trial.pixels[0].size / 1e6,
    )


def rounded(unit: Unit) -> Unit:
    """Clipped to [0, 1] and rounded to the 256 values of 8 bit."""
    return EIGHT_BIT.to_unit(EIGHT_BIT.to_stored(unit))


def summarise(rows: Sequence[Row]) -> list[Summary]:
    """One summary for each noise and model, in order of appearance, noise by noise."""
    noises = list(dict.fromkeys(row.noise for row in rows))
    groups = dict.fromkeys((noise, row.model) for noise in noises for row in rows if row.noise == noise)
    return [_summary([row for row in rows if (row.noise, row.model) == group]) for group in groups]


def flat(record: Row | Summary) -> dict[str, str | float]:
    """A row or summary as columns; each metric's value has its own, in the place of ``values``."""
    columns: dict[str, str | float] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        columns |= value if isinstance(value, Mapping) else {field.name: value}
    return columns


def _summary(rows: Sequence[Row]) -> Summary:
    worst = min(rows, key=lambda row: row.values["psnr"])
    return Summary(
        model=worst.model,
        noise=worst.noise,
        level=" or ".join(dict.fromkeys(row.level for row in rows)),
        pictures=len(rows),
        values={name: _mean(row.values[name] for row in rows) for name in worst.values},
        removed=_mean(row.removed for row in rows),
        seconds_per_megapixel=math.fsum(row.seconds for row in rows) / math.fsum(row.megapixels for row in rows),
        worst_psnr=worst.values["psnr"],
        worst_picture=worst.picture,
    )


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)
