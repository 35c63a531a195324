"""What a benchmark yields: a trial is a picture, a row its numbers, a summary their means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from degrain.images.scale import Unit
from degrain.metrics.fidelity import psnr
from degrain.metrics.structure import ssim


@dataclass(frozen=True)
class Trial:
    """One picture after one model, or before any.

    Attributes:
        model: the name that the benchmark gives it; ``"noisy"`` for the picture before any model.
        level: ``"sigma known"``, ``"blind"``, or empty for the noisy picture.
        pixels: (C, H, W) in [0, 1], on 8-bit values.
        seconds: time that the model took.
    """

    model: str
    level: str
    pixels: Unit
    seconds: float


@dataclass(frozen=True)
class Row:
    """What one model made of one picture under one noise; ``psnr`` in dB."""

    model: str
    noise: str
    level: str
    picture: str
    psnr: float
    ssim: float
    seconds: float
    megapixels: float


@dataclass(frozen=True)
class Summary:
    """One model under one noise: means over the pictures, and the picture that came out worst."""

    model: str
    noise: str
    level: str
    pictures: int
    psnr: float
    ssim: float
    seconds_per_megapixel: float
    worst_psnr: float
    worst_picture: str


def measure(trial: Trial, clean: Unit, picture: str, noise: str) -> Row:
    """The row of one trial."""
    return Row(
        model=trial.model,
        noise=noise,
        level=trial.level,
        picture=picture,
        psnr=psnr(clean, trial.pixels),
        ssim=ssim(clean, trial.pixels),
        seconds=trial.seconds,
        megapixels=clean[0].size / 1e6,
    )


def summarise(rows: Sequence[Row]) -> list[Summary]:
    """One summary for each noise, model and level, in order of appearance, noise by noise."""
    noises = list(dict.fromkeys(row.noise for row in rows))
    groups = dict.fromkeys((noise, row.model, row.level) for noise in noises for row in rows if row.noise == noise)
    return [_summary([row for row in rows if (row.noise, row.model, row.level) == group]) for group in groups]


def _summary(rows: Sequence[Row]) -> Summary:
    worst = min(rows, key=lambda row: row.psnr)
    return Summary(
        model=worst.model,
        noise=worst.noise,
        level=worst.level,
        pictures=len(rows),
        psnr=math.fsum(row.psnr for row in rows) / len(rows),
        ssim=math.fsum(row.ssim for row in rows) / len(rows),
        seconds_per_megapixel=math.fsum(row.seconds for row in rows) / math.fsum(row.megapixels for row in rows),
        worst_psnr=worst.psnr,
        worst_picture=worst.picture,
    )
