"""Curves as SVG: well-formed, inside of their frame, in the right places."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from degrain.evaluation.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, curves
from degrain.evaluation.rows import Summary


def summaries(noises, **models):
    """``small=(30, 28)``: its PSNR under each noise."""
    return [
        Summary(model, noise, "", 1, {"psnr": value}, 0.0, 0.0, value, "p")
        for model, values in models.items()
        for noise, value in zip(noises, values, strict=True)
    ]


def drawn(noises, **models):
    return ET.fromstring(curves(summaries(noises, **models), "psnr"))  # noqa: S314


def lines(svg):
    """The points of each line."""
    paths = (path.get("d") for path in svg.iter("path") if path.get("stroke"))
    return [[tuple(map(float, point.split(","))) for point in path[1:].split("L")] for path in paths]


def texts(svg):
    return [text.text for text in svg.iter("text")]


NOISES = ["gaussian:sigma=15", "gaussian:sigma=25", "gaussian:sigma=50"]


def test_noises_that_differ_in_a_number_lie_where_it_says():
    svg = drawn(NOISES, small=(32, 29, 25))
    ((first, second, third),) = lines(svg)
    assert (second[0] - first[0]) / (third[0] - first[0]) == pytest.approx((25 - 15) / (50 - 15), abs=0.01)
    assert {"15", "25", "50", "gaussian:sigma", "PSNR, dB", "small"} <= set(texts(svg))


def test_a_number_may_have_an_exponent():
    ((first, second, third),) = lines(
        drawn(["poisson:peak=1e1", "poisson:peak=1e+2", "poisson:peak=1000"], small=(32, 29, 25))
    )
    assert (second[0] - first[0]) / (third[0] - first[0]) == pytest.approx(90 / 990, abs=0.01)


def test_a_number_may_begin_with_its_point():
    svg = drawn(["gaussian:sigma=.25", "gaussian:sigma=.5", "gaussian:sigma=1"], small=(32, 29, 25))
    ((first, second, third),) = lines(svg)
    assert (second[0] - first[0]) / (third[0] - first[0]) == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.parametrize(
    "noises",
    [
        ["gaussian:sigma=15", "poisson:peak=3", "snow"],
        ["a", "b", "c"],
        ["x=5", "x=5.0", "x=7"],
        ["x=5..9", "x=5..50", "x=5..70"],
    ],
)
def test_other_noises_lie_evenly_in_their_order(noises):
    svg = drawn(noises, small=(32, 29, 25))
    ((first, second, third),) = lines(svg)
    assert second[0] - first[0] == pytest.approx(third[0] - second[0], abs=0.2)
    assert {"noise", "1", "2", "3", *(f"{number}  {name}" for number, name in enumerate(noises, start=1))} <= {
        *texts(svg)
    }
    _, _, _, height = map(int, svg.get("viewBox").split())
    heights = [float(text.get("y")) for text in svg.iter("text") if text.text.endswith(tuple(noises))]
    assert min(b - a for a, b in pairwise(heights)) >= 14
    assert heights[-1] < height


def test_the_order_of_the_noises_does_not_matter():
    assert lines(drawn(NOISES[::-1], small=(25, 29, 32))) == lines(drawn(NOISES, small=(32, 29, 25)))


@pytest.mark.parametrize(
    "values", [(32, 29, 25), (25, 25, 25), (0.0001, 0.0002, 0.0003), (-5, 0, 100), (24.1, 24.2, 24.3)]
)
def test_higher_is_higher_and_all_is_inside(values):
    ((first, second, third),) = lines(drawn(NOISES, small=values))
    heights = [-y for _, y in (first, second, third)]
    assert [a < b for a, b in pairwise(heights)] == [a < b for a, b in pairwise(values)]
    assert all(LEFT <= x <= RIGHT and TOP - 0.1 <= y <= BOTTOM + 0.1 for x, y in (first, second, third))


def test_names_never_overlap_and_stay_inside():
    models = {f"model {number}": (30 + number / 1000, 20) for number in range(12)}
    svg = drawn(NOISES[:2], **models)
    heights = sorted(float(text.get("y")) for text in svg.iter("text") if text.text.startswith("model"))
    assert len(heights) == 12
    assert min(b - a for a, b in pairwise(heights)) >= 14
    assert 0 < heights[0] < heights[-1] < HEIGHT


def test_a_long_name_is_cut_and_a_bad_one_is_text():
    svg = drawn(NOISES[:2], **{"runs/<b>&/very/long/path/to/model.onnx": (30, 20)})
    (name,) = [text for text in texts(svg) if text.startswith("…")]
    assert len(name) == 20
    assert "&/x" in texts(drawn(NOISES[:2], **{"&/x": (30, 20)}))


def test_what_cannot_be_drawn():
    assert curves(summaries(NOISES[:1], small=(30,)), "psnr") is None
    assert curves(summaries(NOISES[:2], exact=(math.inf, math.inf)), "psnr") is None
    svg = drawn(NOISES, small=(32, 29, 25), exact=(math.inf, 50, 40))
    assert [len(line) for line in lines(svg)] == [3, 2]
    assert not re.search("inf|nan", ET.tostring(svg).decode())


def test_the_frame():
    assert drawn(NOISES, small=(32, 29, 25)).get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
