"""The plan is arithmetic, so its promises are checked as properties, without pixels."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from degrain.spec import InputRule
from degrain.tiling.plan import TilePlan

sides = st.integers(1, 400)
rules = st.builds(InputRule, multiple_of=st.sampled_from([1, 2, 3, 8, 16]), minimum=st.integers(1, 70))


@st.composite
def plans(draw, rules=rules):
    rule, tile, halo = draw(rules), draw(st.integers(1, 500)), draw(st.integers(0, 60))
    return TilePlan.cover(draw(sides), draw(sides), rule, tile, halo), rule, tile, halo


@given(plans())
def test_cores_cover_each_pixel_once(case):
    plan, *_ = case
    cores = [box.core for box in plan]
    rows = {rows.indices(plan.height) for rows, _ in cores}
    columns = {columns.indices(plan.width) for _, columns in cores}
    assert len(cores) == len(plan) == len(rows) * len(columns)  # a grid
    for spans, length in ((rows, plan.height), (columns, plan.width)):
        assert [position for span in sorted(spans) for position in range(*span)] == list(range(length))


@given(plans())
def test_boxes_are_equal_aligned_and_allowed(case):
    plan, rule, _, halo = case
    for box in plan:
        assert (box.height, box.width, box.halo) == (plan.box_height, plan.box_width, plan.halo)
        assert box.top % rule.multiple_of == box.left % rule.multiple_of == 0
        assert box.halo >= halo
    for side in (plan.box_height, plan.box_width):
        assert side % rule.multiple_of == 0
        assert side >= rule.minimum


@given(plans())
def test_every_core_holds_pixels(case):
    plan, *_ = case
    for box in plan:
        rows, columns = box.core
        assert 0 <= rows.start < plan.height
        assert 0 <= columns.start < plan.width


@given(plans())
def test_tile_is_kept_unless_the_model_takes_nothing_so_small(case):
    plan, rule, tile, halo = case
    smallest = TilePlan.cover(1, 1, rule, 1, halo)
    assert max(plan.box_height, plan.box_width) <= max(tile, smallest.box_height)


@given(plans(), st.integers(1, 500))
def test_a_smaller_tile_never_gives_a_larger_box(case, smaller):
    plan, rule, tile, halo = case
    other = TilePlan.cover(plan.height, plan.width, rule, min(tile, smaller), halo)
    assert other.core_height <= plan.core_height
    assert len(other) >= len(plan)


@given(sides, sides, st.integers(0, 60))
def test_whole_scope_gives_one_box(height, width, halo):
    plan = TilePlan.cover(height, width, InputRule(multiple_of=8, scope="whole"), 16, halo)
    assert len(list(plan)) == 1


@pytest.mark.parametrize(
    ("length", "tile", "boxes", "side"),
    [
        (512, 512, 2, 384),
        (384, 512, 1, 512),
        (385, 512, 2, 328),
        (1, 512, 1, 136),
        (1, 1, 1, 136),
        (5000, 512, 14, 488),
    ],
)
def test_sides_by_hand(length, tile, boxes, side):
    plan = TilePlan.cover(length, 1, InputRule(multiple_of=8), tile, 64)
    assert (len(plan), plan.box_height) == (boxes, side)


def test_plans_travel():
    plan = TilePlan.cover(100, 50, InputRule(multiple_of=8), 40, 8)
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301 (our own bytes)
