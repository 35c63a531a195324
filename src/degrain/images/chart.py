"""A curve over training steps as a picture, drawn with Pillow alone."""

from collections.abc import Callable, Iterator, Sequence
from math import floor

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

from degrain.images.panel import INK, PAPER
from degrain.images.picture import Picture
from degrain.images.ticks import round_step

GRID, LINE = (222, 222, 226), (34, 94, 168)
LEFT, RIGHT, TOP, BOTTOM = 72, 32, 36, 28  # margins, pixels
TEXT = 14  # height of the letters, pixels
FINE = 2  # the curve is drawn so many times larger and reduced, so that it is smooth

Values = NDArray[np.float64]
Axis = Callable[[float], float]  # value -> pixel


def chart(
    caption: str,
    steps: ArrayLike,
    values: ArrayLike,
    *,
    shown: float = 1.0,
    span: tuple[float, float] | None = None,
    width: int = 768,
    height: int = 220,
) -> Picture:
    """One curve with axes, 8-bit RGB.

    Long curves are thinned to means of neighbours; values that are not finite are left out.

    Args:
        caption: stands above the curve.
        steps: (K,) ascending.
        values: (K,) one for each step.
        shown: share of the values, from the lowest, that fits under the top edge: the first few of a loss would
            flatten all others.
        span: first and last step of the axis; those of the curve unless given.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
    """
    sheet = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(TEXT)
    draw.text((LEFT, TOP / 2), caption, INK, font, anchor="lm")
    xs, ys = _thinned(np.asarray(steps, np.float64), np.asarray(values, np.float64), most=width // 3)
    if len(xs):
        first, last = span or (xs[0], xs[-1])
        last = max(last, first + 1)
        low, high = _with_room(ys.min(), np.quantile(ys, shown))
        across, up = _axis(first, last, LEFT, width - RIGHT), _axis(low, high, height - BOTTOM, TOP)
        for value in _ticks(low, high, 6):
            draw.line((LEFT, up(value), width - RIGHT, up(value)), GRID)
            draw.text((LEFT - 8, up(value)), f"{value:.6g}", INK, font, anchor="rm")
        for step in _ticks(first, last, 6, least=1.0):
            draw.text((across(step), height - BOTTOM + 6), f"{step:.6g}", INK, font, anchor="mt")
        _draw_curve(sheet, [(across(x), max(up(y), TOP)) for x, y in zip(xs, ys, strict=True)])
    return Picture.of_array(np.asarray(sheet), source="chart")


def _thinned(xs: Values, ys: Values, most: int) -> tuple[Values, Values]:
    """At most so many points: each the mean of its neighbours, the last one of each group giving the step."""
    finite = np.isfinite(ys)
    xs, ys = xs[finite], ys[finite]
    stride = max(1, -(-len(xs) // most))
    groups = [slice(start, start + stride) for start in range(0, len(xs), stride)]
    return np.array([xs[group][-1] for group in groups]), np.array([ys[group].mean() for group in groups])


def _with_room(low: float, high: float) -> tuple[float, float]:
    """At least a thousandth of the value: what is all but level looks level, and one value has an axis, too."""
    least = 1e-3 * max(abs(low), abs(high), 1e-6)
    room = max(0.0, least - (high - low)) / 2
    return low - room, high + room


def _axis(low: float, high: float, start: float, stop: float) -> Axis:
    return lambda value: start + (value - low) / (high - low) * (stop - start)


def _draw_curve(sheet: Image.Image, points: Sequence[tuple[float, float]]) -> None:
    """Two pixels wide, with a dot at its end."""
    mask = Image.new("L", (sheet.width * FINE, sheet.height * FINE))
    draw, fine = ImageDraw.Draw(mask), [(FINE * x, FINE * y) for x, y in points]
    draw.line(fine, 255, width=2 * FINE, joint="curve")
    draw.circle(fine[-1], 3 * FINE, 255)
    sheet.paste(LINE, mask=mask.reduce(FINE))


def _ticks(low: float, high: float, about: int, least: float = 0.0) -> Iterator[float]:
    """Round values between the two: steps of 1, 2 or 5 times a power of ten."""
    step = round_step(max((high - low) / about, least))
    for count in range(-floor(-low / step), floor(high / step) + 1):
        yield round(count * step, 12)
