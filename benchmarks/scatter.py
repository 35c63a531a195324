"""Named points in panels side by side, across in the logarithm: a chart drawn with Pillow alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from PIL import Image, ImageDraw, ImageFont

from degrain.images.chart import GRID
from degrain.images.panel import INK, PAPER
from degrain.images.ticks import round_step

FINE = 2  # all is drawn so many times larger and reduced, so that it is smooth
WIDTH, HEIGHT = 800 * FINE, 640 * FINE  # of a panel, pixels
LEFT, RIGHT, TOP, BOTTOM = 110 * FINE, WIDTH - 30 * FINE, 110 * FINE, HEIGHT - 96 * FINE  # of the plot in it
TEXT, DOT, GAP = 24 * FINE, 9 * FINE, 16 * FINE  # height of letters, radius of points, from a point to its name
MARKS = (((0, 114, 178), 64), ((213, 94, 0), 4))  # colour [Okabe & Ito, told apart by all eyes] and corners

Place = tuple[float, float]  # x, y
Box = tuple[float, float, float, float]  # left, top, right, bottom
Mark = tuple[tuple[int, int, int], int]


@dataclass(frozen=True)
class Point:
    """One point.

    Attributes:
        name: written beside it.
        x: above 0.
        y: any number.
        kind: what its mark stands for; two at most in a chart.
    """

    name: str
    x: float
    y: float
    kind: str


@dataclass(frozen=True)
class Axis:
    """From values to pixels, with a grid of round numbers."""

    place: Callable[[float], float]
    ticks: Mapping[float, str]


def scatter(panels: Mapping[str, Sequence[Point]], across: str, up: str) -> Image.Image:
    """The panels by their captions, each with axes of its own, the titles and the legend for all; 8-bit RGB."""
    kinds = dict.fromkeys(point.kind for points in panels.values() for point in points)
    marks = dict(zip(kinds, MARKS, strict=False))
    sheet = Image.new("RGB", (WIDTH * len(panels), HEIGHT), PAPER)
    for number, (caption, points) in enumerate(panels.items()):
        panel = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        draw = ImageDraw.Draw(panel)
        draw.font = ImageFont.load_default(TEXT)
        xs, ys = _decades([point.x for point in points]), _steps([point.y for point in points])
        _draw_axes(draw, xs, ys)
        _draw_titles(draw, caption, across, up, marks)
        _draw_points(draw, {point: (xs.place(point.x), ys.place(point.y)) for point in points}, marks)
        sheet.paste(panel, (number * WIDTH, 0))
    return sheet.reduce(FINE)


def _decades(values: Sequence[float]) -> Axis:
    """From one power of ten to another."""
    low = floor(log10(min(values)))
    high = max(ceil(log10(max(values))), low + 1)
    ticks = {10.0**power: f"{10.0**power:g}" for power in range(low, high + 1)}
    return Axis(lambda value: LEFT + (RIGHT - LEFT) * (log10(value) - low) / (high - low), ticks)


def _steps(values: Sequence[float]) -> Axis:
    """From one round number to another, about six steps apart."""
    step = round_step(max((max(values) - min(values)) / 6, 0.1))
    low = floor(min(values) / step)
    high = max(ceil(max(values) / step), low + 1)
    ticks = {count * step: f"{count * step:.6g}" for count in range(low, high + 1)}
    return Axis(lambda value: BOTTOM + (TOP - BOTTOM) * (value / step - low) / (high - low), ticks)


def _draw_axes(draw: ImageDraw.ImageDraw, across: Axis, up: Axis) -> None:
    """Grid and numbers."""
    for value, name in across.ticks.items():
        x = across.place(value)
        draw.line((x, TOP, x, BOTTOM), GRID, FINE)
        draw.text((x, BOTTOM + GAP), name, INK, anchor="mt")
    for value, name in up.ticks.items():
        y = up.place(value)
        draw.line((LEFT, y, RIGHT, y), GRID, FINE)
        draw.text((LEFT - GAP, y), name, INK, anchor="rm")


def _draw_titles(draw: ImageDraw.ImageDraw, caption: str, across: str, up: str, marks: Mapping[str, Mark]) -> None:
    """What is shown, what the axes and the marks mean."""
    draw.text((LEFT, TOP / 3), caption, INK, anchor="lm")
    draw.text(((LEFT + RIGHT) / 2, HEIGHT - GAP), across, INK, anchor="mb")
    line, right = TOP * 3 / 4, float(RIGHT)
    draw.text((LEFT, line), up, INK, anchor="lm")
    for kind, mark in reversed(list(marks.items())):
        draw.text((right, line), kind, INK, anchor="rm")
        right -= draw.textlength(kind) + GAP
        _draw_mark(draw, right, line, mark)
        right -= 2 * GAP


def _draw_points(draw: ImageDraw.ImageDraw, places: Mapping[Point, Place], marks: Mapping[str, Mark]) -> None:
    """Each with its name where that covers nothing."""
    taken = [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in places.values()]
    for point, (x, y) in places.items():
        _draw_mark(draw, x, y, marks[point.kind])
        spots = [(draw.textbbox(place, point.name, anchor=anchor), place, anchor) for place, anchor in _around(x, y)]
        free = [spot for spot in spots if _inside(spot[0]) and all(_apart(spot[0], box) for box in taken)]
        box, place, anchor = (free or spots)[0]
        draw.text(place, point.name, INK, anchor=anchor)
        taken.append(box)


def _draw_mark(draw: ImageDraw.ImageDraw, x: float, y: float, mark: Mark) -> None:
    """A disc or a square."""
    colour, corners = mark
    draw.regular_polygon((x, y, DOT), corners, fill=colour)


def _around(x: float, y: float) -> Iterator[tuple[Place, str]]:
    """Places for a name with the anchor of the text, the best first."""
    yield (x + GAP, y), "lm"
    yield (x - GAP, y), "rm"
    for across, anchor in ((0.0, "m"), (DOT, "l"), (-DOT, "r")):
        yield (x + across, y - GAP), anchor + "b"
        yield (x + across, y + GAP), anchor + "t"


def _inside(box: Box) -> bool:
    return box[0] >= LEFT and box[1] >= TOP and box[2] <= RIGHT and box[3] <= BOTTOM


def _apart(one: Box, other: Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
