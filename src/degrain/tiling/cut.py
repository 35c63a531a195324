"""Reading a tile: a rectangle of the picture mirrored at its borders."""

import numpy as np
import numpy.typing as npt

from degrain.tiling.plan import Box

Samples = npt.NDArray[np.generic]


def cut(samples: Samples, box: Box) -> Samples:
    """The samples (h, w, C) under a box of a picture (H, W, C); a view where the box lies inside."""
    height, width = samples.shape[:2]
    bottom, right = box.top + box.height, box.left + box.width
    if box.top >= 0 and box.left >= 0 and bottom <= height and right <= width:
        return samples[box.top : bottom, box.left : right]
    rows = mirrored(box.top, box.height, height)
    columns = mirrored(box.left, box.width, width)
    return samples[rows[:, np.newaxis], columns]


def mirrored(start: int, count: int, length: int) -> npt.NDArray[np.intp]:
    """Indices into ``length`` samples for positions ``start, start + 1, ...`` of their endless mirror image.

    The border sample is not repeated (NumPy's ``"reflect"``); a single sample fills everything.

    >>> mirrored(-2, 8, 4).tolist()
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    period = max(2 * (length - 1), 1)
    index = np.arange(start, start + count) % period
    return np.minimum(index, period - index)
