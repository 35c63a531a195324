"""Each classical method removes noise: measured on a smooth picture with an edge, whose clean side is known."""

import sys

import numpy as np
import pytest

from degrain.denoisers.zoo import open_denoiser
from degrain.errors import MissingExtra

pytest.importorskip("skimage")
METHODS = ["bm3d", "nlm", "tv", "wavelet"]


@pytest.fixture(params=METHODS)
def denoiser(request):
    try:
        return open_denoiser(request.param)
    except MissingExtra as error:
        pytest.skip(str(error))


def pair(channels, sigma, side=96):
    y, x = np.mgrid[0:side, 0:side] / side
    waves = np.stack([0.5 + 0.25 * np.sin(5 * x + c) * np.cos(4 * y) + 0.2 * (x > y) for c in range(channels)])
    noisy = waves + np.random.default_rng(0).normal(0, sigma / 255, waves.shape)
    return waves[np.newaxis].astype(np.float32), noisy[np.newaxis].astype(np.float32)


def level(tiles, sigma):
    return np.full((len(tiles), 1, *tiles.shape[2:]), sigma / 255, np.float32)


def psnr(clean, candidate):
    return -10 * np.log10(np.mean((clean - candidate) ** 2))


@pytest.mark.parametrize("told", [True, False], ids=["told", "blind"])
@pytest.mark.parametrize("sigma", [15, 50])
@pytest.mark.parametrize("channels", [1, 3])
def test_noise_goes(denoiser, channels, sigma, told):
    clean, noisy = pair(channels, sigma)
    result = denoiser(noisy, level(noisy, sigma if told else 0))
    assert (result.shape, result.dtype) == (noisy.shape, np.float32)
    assert psnr(clean, result) > psnr(clean, noisy) + 5


@pytest.mark.parametrize("channels", [1, 3])
def test_more_noise_told_more_removed(denoiser, channels):
    _, noisy = pair(channels, 20)
    changes = [np.sqrt(np.mean((denoiser(noisy, level(noisy, sigma)) - noisy) ** 2)) for sigma in (5, 10, 20, 40)]
    assert np.diff(changes).min() > 0


@pytest.mark.parametrize("channels", [1, 3])
def test_each_tile_of_a_stack_for_itself(denoiser, channels):
    _, noisy = pair(channels, 20, side=32)
    stack = np.concatenate([noisy, 1 - noisy])
    levels = np.concatenate([level(noisy, 10), level(noisy, 30)])
    for index in range(2):
        one = slice(index, index + 1)
        np.testing.assert_allclose(denoiser(stack, levels)[one], denoiser(stack[one], levels[one]), atol=1e-6)


def test_gray_in_three_channels(denoiser):
    clean, noisy = pair(1, 25)
    result = denoiser(noisy.repeat(3, axis=1), level(noisy, 25))
    np.testing.assert_allclose(result, result[:, :1].repeat(3, axis=1), atol=1e-6)
    assert psnr(clean, result[:, :1]) > psnr(clean, noisy) + 3


@pytest.mark.parametrize("sigma", [5, 15, 40])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_estimated_level_is_near_the_true(denoiser, channels, sigma):
    _, noisy = pair(channels, sigma)
    told, blind = denoiser(noisy, level(noisy, sigma)), denoiser(noisy, level(noisy, 0))
    assert np.sqrt(np.mean((told - blind) ** 2)) < 0.15 * sigma / 255


def test_missing_scikit_image_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.restoration", None)
    with pytest.raises(MissingExtra, match="skimage") as caught:
        open_denoiser("tv")
    assert "degrain[classical]" in caught.value.hint


def test_missing_bm3d_names_its_licence(monkeypatch):
    monkeypatch.setitem(sys.modules, "bm3d", None)
    with pytest.raises(MissingExtra, match="non-commercial") as caught:
        open_denoiser("bm3d")
    assert "pip install bm3d" in caught.value.hint
