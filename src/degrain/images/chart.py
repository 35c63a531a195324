"""A curve over training steps as a picture, drawn with Pillow alone."""

from collections.abc import Callable, Iterator
from math import floor

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

from degrain.images.panel import INK, PAPER
from degrain.images.picture import Picture
from degrain.images.ticks import round_step

GRID, LINE = (222, 222, 226), (34, 94, 168)
LEFT, RIGHT, TOP, BOTTOM = 72, 20, 36, 28  # margins, pixels
TEXT = 14  # height of the letters, pixels

Values = NDArray[np.float64]
Axis = Callable[[float], float]  # value -> pixel


def chart(
    caption: str,
    steps: ArrayLike,
    values: ArrayLike,
    *,
    last: float | None = None,
    shown: float = 1.0,
    width: int = 768,
    height: int = 220,
) -> Picture:
    """One curve over steps counted from 0, with axes, 8-bit RGB.

    Long curves are thinned to means of neighbours; values that are not finite are left out.

    Args:
        caption: stands above the curve.
        steps: (K,) ascending.
        values: (K,) one for each step.
        last: step where the axis ends, so that charts below one another agree; that of the curve unless given.
        shown: share of the values, from the lowest, that fits under the top edge: the first few of a loss would
            flatten all others.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
    """
    sheet = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(TEXT)
    draw.text((LEFT, TOP / 2), caption, INK, font, anchor="lm")
    xs, ys = _thinned(np.asarray(steps, np.float64), np.asarray(values, np.float64), most=width // 3)
    if len(xs):
        last, (low, high) = max(xs[-1] if last is None else last, 1.0), _range(ys.min(), np.quantile(ys, shown))
        across, up = _axis(0, last, LEFT, width - RIGHT), _axis(low, high, height - BOTTOM, TOP)
        for value in _ticks(low, high, 6):
            draw.line((LEFT, up(value), width - RIGHT, up(value)), GRID)
            draw.text((LEFT - 8, up(value)), f"{value:.6g}", INK, font, anchor="rm")
        for step in _ticks(0, last, 6):
            draw.text((across(step), height - BOTTOM + 6), f"{step:.6g}", INK, font, anchor="mt")
        points = [(across(x), max(up(y), TOP)) for x, y in zip(xs, ys, strict=True)]
        draw.line(points, LINE, width=2, joint="curve")
        draw.circle(points[-1], 3, LINE)
    return Picture.of_array(np.asarray(sheet), source="chart")


def _thinned(xs: Values, ys: Values, most: int) -> tuple[Values, Values]:
    """At most so many points: each the mean of its neighbours, the last one of each group giving the step."""
    finite = np.isfinite(ys)
    xs, ys = xs[finite], ys[finite]
    stride = max(1, -(-len(xs) // most))
    groups = [slice(start, start + stride) for start in range(0, len(xs), stride)]
    return np.array([xs[group][-1] for group in groups]), np.array([ys[group].mean() for group in groups])


def _range(low: float, high: float) -> tuple[float, float]:
    """Never empty: a single value has a hundredth of itself around it."""
    size = max(abs(low), 0.01)
    room = 0.0 if high - low > 1e-6 * size else 0.01 * size
    return low - room, high + room


def _axis(low: float, high: float, start: float, stop: float) -> Axis:
    return lambda value: start + (value - low) / (high - low) * (stop - start)


def _ticks(low: float, high: float, about: int) -> Iterator[float]:
    """Round values between the two: steps of 1, 2 or 5 times a power of ten."""
    step = round_step((high - low) / about)
    for count in range(-floor(-low / step), floor(high / step) + 1):
        yield round(count * step, 12)
