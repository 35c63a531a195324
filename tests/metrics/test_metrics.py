import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data, metrics

from degrain.errors import ImageError
from degrain.metrics.fidelity import mae, mse, psnr
from degrain.metrics.structure import ssim
from degrain.metrics.table import METRICS

SHAPES = [(1, 11, 11), (1, 64, 40), (3, 33, 57), (3, 128, 128)]


def pair(shape, sigma=0.1, seed=0):
    """A smooth clean picture and a noisy candidate."""
    rng = np.random.default_rng(seed)
    _, height, width = shape
    ramp = np.add.outer(np.linspace(0, 0.5, height), np.linspace(0, 0.4, width))
    clean = np.broadcast_to(ramp, shape).astype(np.float32) + 0.05 * rng.random(shape, dtype=np.float32)
    return clean, clean + sigma * rng.standard_normal(shape, dtype=np.float32)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sigma", [0.001, 0.03, 0.3])
class TestAgainstScikitImage:
    def test_psnr(self, shape, sigma):
        clean, candidate = pair(shape, sigma)
        expected = metrics.peak_signal_noise_ratio(clean.astype(float), candidate.astype(float), data_range=1)
        assert psnr(clean, candidate) == pytest.approx(expected, abs=1e-4)

    def test_ssim(self, shape, sigma):
        clean, candidate = pair(shape, sigma)
        assert ssim(clean, candidate) == pytest.approx(reference_ssim(clean, candidate), abs=2e-6)


def reference_ssim(clean, candidate):
    return metrics.structural_similarity(
        clean.astype(float),
        candidate.astype(float),
        data_range=1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=0,
    )


def test_ssim_of_a_photograph():
    clean = (data.camera()[None, ::2, ::2] / 255).astype(np.float32)
    candidate = np.clip(clean + 0.1 * np.random.default_rng(0).standard_normal(clean.shape), 0, 1).astype(np.float32)
    assert ssim(clean, candidate) == pytest.approx(reference_ssim(clean, candidate), abs=2e-6)


@pytest.mark.parametrize("name", METRICS)
def test_identical_pictures_are_perfect(name):
    clean, _ = pair((3, 20, 20))
    perfect = {"psnr": math.inf, "ssim": 1.0, "mse": 0.0, "mae": 0.0}[name]
    assert METRICS[name].measure(clean, clean.copy()) == perfect


@pytest.mark.parametrize("name", METRICS)
def test_symmetric(name):
    clean, candidate = pair((3, 32, 32))
    measure = METRICS[name].measure
    assert measure(clean, candidate) == pytest.approx(measure(candidate, clean), rel=1e-5)


@pytest.mark.parametrize("name", METRICS)
def test_more_noise_is_never_better(name):
    metric = METRICS[name]
    clean, _ = pair((1, 48, 48))
    values = [metric.measure(clean, pair((1, 48, 48), sigma)[1]) for sigma in (0.02, 0.05, 0.1, 0.2)]
    assert values == sorted(values, reverse=metric.higher_is_better)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("shapes", [((1, 16, 16), (3, 16, 16)), ((3, 16, 16), (3, 16, 17))])
def test_unequal_shapes_are_refused(name, shapes):
    first, second = (np.zeros(shape, np.float32) for shape in shapes)
    with pytest.raises(ImageError, match="one shape"):
        METRICS[name].measure(first, second)


@given(st.floats(0.004, 0.5))
def test_constant_offset(offset):
    clean = np.full((3, 12, 12), 0.25, np.float32)
    candidate = clean + np.float32(offset)
    assert mse(clean, candidate) == pytest.approx(offset**2, rel=1e-4)
    assert mae(clean, candidate) == pytest.approx(offset, rel=1e-4)
    assert psnr(clean, candidate) == pytest.approx(-20 * math.log10(offset), abs=1e-3)


def test_ssim_of_two_flat_pictures_is_the_luminance_term():
    clean, candidate = (np.full((1, 16, 16), value, np.float32) for value in (0.2, 0.6))
    assert ssim(clean, candidate) == pytest.approx((2 * 0.2 * 0.6 + 1e-4) / (0.2**2 + 0.6**2 + 1e-4), rel=1e-5)


def test_colour_psnr_is_one_mse_over_the_channels():
    clean = np.zeros((3, 8, 8), np.float32)
    candidate = clean.copy()
    candidate[0] = 0.3
    assert psnr(clean, candidate) == pytest.approx(-10 * math.log10(0.09 / 3), abs=1e-4)


@pytest.mark.parametrize("shape", [(1, 10, 40), (3, 40, 1)])
def test_ssim_refuses_pictures_smaller_than_its_window(shape):
    with pytest.raises(ImageError, match="at least 11 pixels"):
        ssim(*pair(shape))


def test_single_pixel_has_a_psnr():
    assert psnr(*pair((3, 1, 1))) > 0


def test_ssim_is_fast_enough_for_a_benchmark():
    clean, candidate = pair((3, 321, 481))
    start = time.process_time()
    ssim(clean, candidate)
    assert time.process_time() - start < 0.5  # about 0.05 on one core; a direct 2-D window takes seconds
