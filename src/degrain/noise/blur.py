"""Gaussian blur of NumPy arrays and torch batches alike, by slicing."""

import math
from typing import Any

Kernel = list[Any]  # an odd number of weights that sum to 1, each a number, or (N, 1, 1, 1) for a batch of radii


def gaussian_kernel(radius: Any) -> Kernel:
    """Weights out to four radii; the radius is the standard deviation in pixels, and 0 leaves all as it is.

    >>> [round(weight, 3) for weight in gaussian_kernel(0.5)]
    [0.0, 0.106, 0.787, 0.106, 0.0]
    """
    widest = float(radius.max()) if hasattr(radius, "max") else radius
    reach = math.ceil(4 * widest)
    weights = [math.e ** (-(place**2) / (2 * radius**2 + 1e-9)) for place in range(-reach, reach + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def reach_of(kernel: Kernel) -> int:
    """Pixels on each side that the blur uses up."""
    return len(kernel) // 2


def extended(picture: Any, reach: int) -> Any:
    """(..., H, W) with so many pixels more on each side, mirrored."""
    height, width = picture.shape[-2:]
    return picture[..., _mirrored(height, reach), :][..., _mirrored(width, reach)]


def blurred(picture: Any, kernel: Kernel) -> Any:
    """The extended picture, blurred along both axes and smaller by the reach on each side."""
    for _ in range(2):
        width = picture.shape[-1] - len(kernel) + 1
        along = sum(weight * picture[..., place : place + width] for place, weight in enumerate(kernel))
        picture = along.swapaxes(-1, -2)
    return picture


def _mirrored(length: int, reach: int) -> list[int]:
    """Places -reach .. length + reach of a line that is mirrored at its ends, again and again if need be."""
    there_and_back = [*range(length), *reversed(range(length))]
    return [there_and_back[place % (2 * length)] for place in range(-reach, length + reach)]
