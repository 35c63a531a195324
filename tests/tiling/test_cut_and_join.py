"""Cutting and joining move pixels and change none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from degrain.spec import InputRule
from degrain.tiling.canvas import BlendedCanvas, Canvas
from degrain.tiling.cut import cut, mirrored
from degrain.tiling.plan import Box, TilePlan


@given(st.integers(2, 20), st.integers(0, 90), st.integers(0, 90))
def test_mirror_is_numpys_reflect(length, before, after):
    expected = np.pad(np.arange(length), (before, after), mode="reflect")
    assert mirrored(-before, before + length + after, length).tolist() == expected.tolist()


def test_single_sample_fills_everything():
    assert mirrored(-5, 11, 1).tolist() == [0] * 11


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 1), (9, 1, 3), (5, 7, 3)])
def test_cut_around_small_pictures(shape):
    samples = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    expected = np.pad(samples, ((20, 20), (20, 20), (0, 0)), mode="reflect")
    tile = cut(samples, Box(-20, -20, shape[0] + 40, shape[1] + 40, 20))
    assert tile.dtype == np.uint16
    np.testing.assert_array_equal(tile, expected)


def test_cut_inside_copies_nothing():
    samples = np.zeros((40, 40, 3), np.uint8)
    assert np.shares_memory(cut(samples, Box(5, 6, 20, 20, 4)), samples)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 50), st.integers(0, 20), st.sampled_from([1, 8]))
def test_cut_then_join_gives_the_picture_back(height, width, tile, halo, multiple):
    samples = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    canvas = Canvas(samples.shape, np.uint8, lambda unit: unit.astype(np.uint8))
    canvas.finish()[...] = 77
    for box in TilePlan.cover(height, width, InputRule(multiple), tile, halo):
        canvas.add(box, cut(samples, box).transpose(2, 0, 1).astype(np.float32))
    np.testing.assert_array_equal(canvas.finish(), samples)


blended = st.builds(InputRule, multiple_of=st.sampled_from([1, 8]), blend=st.integers(1, 24))
windows = st.builds(InputRule, exact=st.sampled_from([48, 64]), multiple_of=st.just(8), blend=st.integers(1, 20))


@given(st.integers(1, 200), st.integers(1, 200), st.integers(40, 90), st.integers(0, 5), blended | windows)
def test_tiles_that_agree_are_blended_into_the_picture_itself(height, width, tile, halo, rule):
    samples = np.random.default_rng(0).integers(0, 256, (height, width, 1), np.uint8)
    canvas = BlendedCanvas(samples.shape, np.uint8, lambda unit: np.rint(unit).astype(np.uint8), rule.blend)
    for box in TilePlan.cover(height, width, rule, tile, halo):
        canvas.add(box, cut(samples, box).transpose(2, 0, 1).astype(np.float32))
    np.testing.assert_array_equal(canvas.finish(), samples)


def test_a_seam_between_tiles_that_disagree_becomes_a_ramp():
    """Every tile answers with a number of its own: side by side they would jump, blended they fade."""
    like, rule = np.zeros((64, 150, 1), np.float32), InputRule(exact=64, blend=20)
    canvas = BlendedCanvas(like.shape, np.float32, lambda unit: unit, rule.blend)
    boxes = list(TilePlan.cover(64, 150, rule, 1, 0))
    for value, box in enumerate(boxes):
        canvas.add(box, np.full((1, 64, 64), value, np.float32))
    row = canvas.finish()[0, :, 0]
    assert (row[0], row[-1]) == (0, len(boxes) - 1)
    assert 0 < np.diff(row).max() < 1.5 / rule.blend
