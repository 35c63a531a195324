"""Pictures that hold NaN or infinity are refused, wherever a network is to see them."""

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


def _all_finite(samples: Samples) -> bool:
    """Whether all samples are finite as float32; extremes carry NaN and Inf, so no second picture is made."""
    extremes = np.array([samples.min(), samples.max()])
    return bool(np.isfinite(_single(extremes)).all())


def _single(samples: Samples) -> Unit:
    with np.errstate(over="ignore"):
        return samples.astype(np.float32)
