import numpy as np
import pytest

from degrain.errors import NoiseError
from degrain.noise.level import BLIND, NoiseLevel


def test_map_is_in_unit_range_and_fits_the_tiles():
    level = NoiseLevel(25.5).map(np.zeros((2, 3, 5, 7), np.float32))
    assert level.shape == (2, 1, 5, 7)
    assert level.dtype == np.float32
    np.testing.assert_allclose(level, 0.1, rtol=1e-6)


def test_blind_is_zero_and_unknown():
    assert not BLIND.known
    assert not BLIND.map(np.zeros((1, 1, 2, 2), np.float32)).any()


def test_scaled():
    assert NoiseLevel(20).scaled(1.5) == NoiseLevel(30)


@pytest.mark.parametrize("sigma", [-1, float("nan"), float("inf")])
def test_what_is_no_level_is_refused(sigma):
    with pytest.raises(NoiseError, match="0 or more"):
        NoiseLevel(sigma)
