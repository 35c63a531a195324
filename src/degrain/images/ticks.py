"""Round numbers for the axes of charts."""

from math import floor, log10


def round_step(rough: float) -> float:
    """The least of 1, 2 or 5 times a power of ten that is no smaller than a positive number.

    >>> [round_step(rough) for rough in (0.3, 2, 60)]
    [0.5, 2.0, 100.0]
    """
    power = 10.0 ** floor(log10(rough))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= rough), 10 * power)
