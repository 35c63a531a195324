"""Reading a tile: a rectangle of the picture mirrored at its borders."""

import numpy as np
import numpy.typing as npt

from degrain.tiling.plan import Box

Samples = npt.NDArray[np.generic]


def cut(samples: Samples, box: Box) -> Samples:
    """The samples (h, w, C) under a box of a picture (H, W, C); a view where the box lies inside."""
    return _along(_along(samples, 0, box.top, box.height), 1, box.left, box.width)


def _along(samples: Samples, axis: int, start: int, count: int) -> Samples:
    """The part of one axis."""
    length = samples.shape[axis]
    if start >= 0 and start + count <= length:
        return samples[(slice(None),) * axis + (slice(start, start + count),)]
    return samples.take(mirrored(start, count, length), axis)


def mirrored(start: int, count: int, length: int) -> npt.NDArray[np.intp]:
    """Indices into ``length`` samples for positions ``start, start + 1, ...`` of their endless mirror image.

    The border sample is not repeated (NumPy's ``"reflect"``); a single sample fills everything.

    >>> mirrored(-2, 8, 4).tolist()
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    period = max(2 * (length - 1), 1)
    index = np.arange(start, start + count) % period
    return np.minimum(index, period - index)
