import numpy as np
import pytest

from degrain.noise.poisson import Poisson


def test_values_are_whole_counts(lane):
    counts = 30 * np.asarray(Poisson(30).apply(lane.smooth(), lane.draw()))
    np.testing.assert_allclose(counts, np.rint(counts), atol=1e-4)


def test_few_photons_leave_most_pixels_empty(lane):
    noisy = np.asarray(Poisson(1).apply(lane.flat(0.1), lane.draw()))
    assert (noisy == 0).mean() == pytest.approx(np.exp(-0.1), abs=0.01)
    assert (noisy == 1).mean() == pytest.approx(0.1 * np.exp(-0.1), abs=0.01)


def test_what_cannot_be_counted(lane):
    """Below zero there is nothing to count; values beyond any detector are no error."""
    clean = lane.array(np.array([[[-1, 0, np.nan, 1e30, np.inf]]], np.float32))
    noisy = np.asarray(Poisson(30).apply(clean, lane.draw()))
    assert not noisy[..., :3].any()
    assert (noisy[..., 3:] > 1e7).all()
