"""The plan is arithmetic, so its promises are checked as properties, without pixels."""

import pickle
from itertools import pairwise

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
    rows = {rows.indices(plan.rows.length) for rows, _ in cores}
    columns = {columns.indices(plan.columns.length) for _, columns in cores}
    assert len(cores) == len(plan) == len(rows) * len(columns)  # a grid
    for spans, length in ((rows, plan.rows.length), (columns, plan.columns.length)):
        assert [position for span in sorted(spans) for position in range(*span)] == list(range(length))


@given(plans())
def test_boxes_are_equal_aligned_and_allowed(case):
    plan, rule, *_ = case
    first = next(iter(plan))
    for box in plan:
        assert (box.height, box.width) == (plan.box_height, plan.box_width)
        assert (box.top - first.top) % rule.multiple_of == (box.left - first.left) % rule.multiple_of == 0
    for side in (plan.box_height, plan.box_width):
        assert side % rule.multiple_of == 0
        assert side >= rule.minimum


@given(plans())
def test_a_core_keeps_its_distance_from_neighbours_and_from_the_frame(case):
    plan, _, _, halo = case
    for axis in (plan.rows, plan.columns):
        tiles = list(axis)
        first, last = tiles[0][0], tiles[-1][0] + axis.side
        for start, core in tiles:
            assert core.start - start >= (min(axis.margin, halo) if start == first else halo)
            assert start + axis.side - core.stop >= (min(axis.margin, halo) if start + axis.side == last else halo)


@given(sides, sides, st.sampled_from([32, 64]), st.integers(0, 16), st.integers(0, 7))
def test_an_exact_rule_gives_boxes_of_that_side_whose_cores_share_the_blend(height, width, exact, blend, halo):
    plan = TilePlan.cover(height, width, InputRule(exact=exact, blend=blend), tile=1, halo=halo)
    assert (plan.box_height, plan.box_width) == (exact, exact)
    for axis in (plan.rows, plan.columns):
        cores = [core for _, core in axis]
        assert (cores[0].start, cores[-1].stop) == (0, axis.length)
        for one, other in pairwise(cores):
            assert one.start <= other.start <= one.stop
            assert one.stop - other.start >= min(blend, axis.length - other.start) or one.stop == axis.length


@given(sides, sides)
def test_a_picture_to_be_resized_is_one_box_without_a_frame(height, width):
    plan = TilePlan.cover(height, width, InputRule(exact=64, scope="resize"), tile=16, halo=9)
    (box,) = plan
    assert (box.top, box.left, box.height, box.width) == (0, 0, height, width)


@given(plans(), st.integers(1, 500))
def test_the_frame_does_not_depend_on_the_tiles(case, other):
    plan, rule, _, halo = case
    again = TilePlan.cover(plan.rows.length, plan.columns.length, rule, other, halo)
    for axis, another in ((plan.rows, again.rows), (plan.columns, again.columns)):
        assert (axis.margin, axis.frame) == (another.margin, another.frame)


@given(plans())
def test_tile_is_kept_unless_the_model_takes_nothing_so_small(case):
    plan, rule, tile, halo = case
    step = rule.multiple_of
    smallest = -(-max(rule.minimum, 2 * -(-halo // step) * step + 1) // step) * step
    assert max(plan.box_height, plan.box_width) <= max(tile, smallest)


@given(plans(), st.integers(1, 500))
def test_a_smaller_tile_never_gives_a_larger_box(case, smaller):
    plan, rule, tile, halo = case
    other = TilePlan.cover(plan.rows.length, plan.columns.length, rule, min(tile, smaller), halo)
    assert other.box_height <= plan.box_height
    assert len(other) >= len(plan)


@given(sides, sides, st.integers(0, 60))
def test_whole_scope_gives_one_box(height, width, halo):
    plan = TilePlan.cover(height, width, InputRule(multiple_of=8, scope="whole"), 16, halo)
    assert len(list(plan)) == 1


@pytest.mark.parametrize(
    ("length", "tile", "boxes", "side"),
    [
        (480, 512, 1, 512),  # with its margins the picture just fits
        (481, 512, 2, 328),
        (1, 512, 1, 40),
        (1, 1, 1, 40),
        (200, 1, 13, 136),  # a core of eight pixels is the least
        (5000, 512, 13, 512),
    ],
)
def test_sides_by_hand(length, tile, boxes, side):
    plan = TilePlan.cover(length, 1, InputRule(multiple_of=8), tile, 64)
    assert (len(plan), plan.box_height) == (boxes, side)


def test_plans_travel():
    plan = TilePlan.cover(100, 50, InputRule(multiple_of=8), 40, 8)
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301 (our own bytes)
