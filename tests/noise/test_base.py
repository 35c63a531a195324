"""Ranges, and what settings may be."""

import numpy as np
import pytest

from degrain.errors import NoiseError
from degrain.noise.base import Range
from degrain.noise.gaussian import Gaussian
from degrain.noise.speckle import Speckle


def drawn(setting, lane):
    return np.concatenate([np.ravel(np.asarray(setting.pin(lane.draw(seed)))) for seed in range(1000)])


def test_a_range_is_even(lane):
    numbers = drawn(Range(3, 60), lane)
    assert np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1]) == pytest.approx([3, 17, 31.5, 46, 60], abs=2.5)


def test_or_even_in_its_logarithm(lane):
    numbers = drawn(Range(3, 60, log=True), lane)
    share = [((low <= numbers) & (numbers < 2 * low)).mean() for low in (3, 10, 30)]
    assert share == pytest.approx([np.log(2) / np.log(20)] * 3, abs=0.05)


@pytest.mark.parametrize("ends", [(5, 3), (float("nan"), 3), (0, 3, True), (-1, 3, True)])
def test_ends_that_make_no_range(ends):
    with pytest.raises(NoiseError, match="low <= high"):
        Range(*ends)


@pytest.mark.parametrize("number", [np.float64, np.float32, np.int64, int, float])
def test_any_kind_of_number_leaves_pixels_float32(one_by_one, number):
    noise = Speckle(number(20))
    assert noise == Speckle(20.0)
    assert noise.apply(one_by_one.smooth(), one_by_one.draw()).dtype == np.float32


@pytest.mark.parametrize("nonsense", [np.float32("nan"), np.float64(-1), "12", None, [1, 2]])
def test_what_is_no_setting(nonsense):
    with pytest.raises(NoiseError, match="gaussian needs 0 <= sigma <= 1000"):
        Gaussian(nonsense)
