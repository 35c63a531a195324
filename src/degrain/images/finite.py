"""Pictures whose numbers mean nothing are refused: NaN and infinity, and clean pictures far outside of 0..1."""

import numpy as np

from degrain.errors import ImageError
from degrain.images.picture import Picture
from degrain.images.scale import Samples, Unit


def check_finite(picture: Picture) -> None:
    """Refuse NaN and Inf: one such pixel would spread over everything a network sees around it.

    Raises:
        ImageError: with their count and the first place.
    """
    if not _all_finite(picture.samples):
        broken = ~np.isfinite(_single(picture.samples)).all(axis=2)
        row, column = np.argwhere(broken)[0]
        raise ImageError(
            f"{picture.source}: {np.count_nonzero(broken)} pixels are NaN, infinite or beyond float32, "
            f"the first in row {row}, column {column}",
            hint="replace them first, e.g. numpy.nan_to_num",
        )


def check_clean(picture: Picture) -> None:
    """Refuse what cannot be a clean picture to train on or to measure with; those are clipped to 0..1.

    Raises:
        ImageError: it holds NaN or infinity, or floats below -0.5 or above 1.5.
    """
    check_finite(picture)
    if picture.samples.dtype.kind != "f":
        return
    low, high = float(picture.samples.min()), float(picture.samples.max())
    if low < -0.5 or high > 1.5:
        raise ImageError(
            f"{picture.source}: values from {low:g} to {high:g}; clean floats have 0 for black, 1 for white",
            hint="divide by the value of white first",
        )


def _all_finite(samples: Samples) -> bool:
    """Whether all samples are finite as float32; extremes carry NaN and Inf, so no second picture is made."""
    extremes = np.array([samples.min(), samples.max()])
    return bool(np.isfinite(_single(extremes)).all())


def _single(samples: Samples) -> Unit:
    with np.errstate(over="ignore"):
        return samples.astype(np.float32)
