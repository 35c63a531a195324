"""A metric over the noises of a benchmark, one line for each model, as SVG that needs nothing around it."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from degrain.evaluation.rows import Summary
from degrain.images.ticks import round_step
from degrain.metrics.table import METRICS

WIDTH, HEIGHT = 640, 360  # of the whole, in SVG units
LEFT, RIGHT, TOP, BOTTOM = 64, 470, 36, 300  # of the plot; the lines' names stand to its right
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")  # Okabe & Ito, told apart by all eyes
MARKS = ("M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0", "M-4,-4h8v8h-8z", "M0,-5l5,9h-10z", "M0,-5l5,5l-5,5l-5,-5z")
LINE = 15  # between names

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """One axis: where its values lie, and what stands beside them."""

    low: float
    high: float
    ticks: Mapping[float, str]
    title: str
    legend: Sequence[str] = ()  # what the ticks mean, a line each

    def place(self, value: float, start: float, end: float) -> float:
        """SVG position of a value."""
        return start + (end - start) * (value - self.low) / (self.high - self.low)


def curves(summaries: Sequence[Summary], metric: str) -> str | None:
    """The chart of one metric; None when there is but one noise, for that is no curve.

    Noises that differ in one number are placed by it; others evenly in their order, numbered, and named below.
    """
    noises = list(dict.fromkeys(one.noise for one in summaries))
    drawable = [one for one in summaries if math.isfinite(one.values[metric])]
    if len(noises) < 2 or not drawable:
        return None
    across, places = _noise_axis(noises)
    up = _number_axis([one.values[metric] for one in drawable], METRICS[metric].label, METRICS[metric].unit)
    lines: dict[str, list[tuple[float, float]]] = {one.model: [] for one in summaries}
    for one in drawable:
        lines[one.model].append((places[one.noise], one.values[metric]))
    return _svg(across, up, {name: sorted(line) for name, line in lines.items()})


def _noise_axis(noises: Sequence[str]) -> tuple[Axis, dict[str, float]]:
    """The axis, and the place of each noise on it."""
    heads, numbers = zip(*(_split(noise) for noise in noises), strict=True)
    title, legend = heads[0].rstrip(" =:"), tuple[str, ...]()
    if len(set(heads)) > 1 or "" in numbers or len(set(map(float, numbers))) < len(noises):
        numbers = tuple(map(str, range(1, len(noises) + 1)))
        title, legend = "noise", tuple(f"{number}  {noise}" for number, noise in zip(numbers, noises, strict=True))
    places = list(map(float, numbers))
    room = 0.05 * (max(places) - min(places))
    ticks = dict(zip(places, numbers, strict=True))
    return Axis(min(places) - room, max(places) + room, ticks, title, legend), dict(zip(noises, places, strict=True))


def _split(noise: str) -> tuple[str, str]:
    """``"gaussian:sigma=25"`` -> ``("gaussian:sigma=", "25")``; no number at the end, or a range, no second part."""
    match = re.fullmatch(r"(.*?)((?:\d+\.?\d*|(?<!\d)\.\d+)(?:e[+-]?\d+)?)", noise)
    return (match[1], match[2]) if match and not match[1].endswith(".") else (noise, "")


def _number_axis(values: Sequence[float], label: str, unit: str) -> Axis:
    """From a round number below the least value to one above the greatest, about five steps apart."""
    low, high = min(values), max(values)
    step = round_step(max(high - low, abs(high) * 1e-3, 1e-9) / 5)
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    decimals = max(0, -math.floor(math.log10(step)))
    ticks = {index * step: f"{index * step:.{decimals}f}" for index in range(first, last + 1)}
    return Axis(first * step, last * step, ticks, f"{label}, {unit}" if unit else label)


def _svg(across: Axis, up: Axis, lines: Mapping[str, Points]) -> str:
    title, middle = f"{up.title} over {across.title}", (LEFT + RIGHT) / 2
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + LINE * len(across.legend)}" role="img" aria-label="{escape(title)}">',
        f'<text class="axis" x="{LEFT}" y="18">{escape(up.title)}</text>',
        f'<text class="axis" x="{middle}" y="{BOTTOM + 44}" text-anchor="middle">{escape(across.title)}</text>',
    ]
    for value, name in up.ticks.items():
        y = up.place(value, BOTTOM, TOP)
        parts.append(f'<path class="grid" d="M{LEFT},{y:.1f}H{RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{name}</text>')
    for value, name in across.ticks.items():
        x = across.place(value, LEFT, RIGHT)
        parts.append(f'<path class="grid" d="M{x:.1f},{BOTTOM}v6"/>')
        parts.append(f'<text x="{x:.1f}" y="{BOTTOM + 22}" text-anchor="middle">{escape(name)}</text>')
    for place, name in enumerate(across.legend, start=1):
        parts.append(f'<text x="{LEFT}" y="{BOTTOM + 48 + LINE * place}">{escape(name)}</text>')
    drawn = {
        name: [(across.place(x, LEFT, RIGHT), up.place(y, BOTTOM, TOP)) for x, y in line]
        for name, line in lines.items()
    }
    heights = _apart({name: line[-1][1] for name, line in drawn.items() if line})
    for index, (name, height) in enumerate(heights.items()):
        parts += _line(drawn[name], name, height, COLOURS[index % len(COLOURS)], MARKS[index % len(MARKS)])
    return "\n".join([*parts, "</svg>"])


def _line(points: Points, name: str, height: float, colour: str, mark: str) -> list[str]:
    """A line, its marks, and its name at its end."""
    path = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    short = name if len(name) <= 20 else f"…{name[-19:]}"
    end_x, end_y = points[-1]
    return [
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<path d="{mark}" fill="{colour}" transform="translate({x:.1f},{y:.1f})"/>' for x, y in points),
        f'<path class="grid" d="M{end_x + 6:.1f},{end_y:.1f}L{RIGHT + 14},{height:.1f}"/>',
        f'<path d="{mark}" fill="{colour}" transform="translate({RIGHT + 20},{height:.1f})"/>',
        f'<text x="{RIGHT + 30}" y="{height + 4:.1f}">{escape(short)}</text>',
    ]


def _apart(heights: Mapping[str, float]) -> dict[str, float]:
    """The names' heights, moved so that none overlap; the lines keep their order and their colours."""
    moved: dict[str, float] = {}
    lowest = float(TOP - LINE)
    for name in sorted(heights, key=lambda name: heights[name]):
        lowest = moved[name] = max(heights[name], lowest + LINE)
    excess = max(0.0, lowest - BOTTOM)
    return {name: moved[name] - excess for name in heights}
