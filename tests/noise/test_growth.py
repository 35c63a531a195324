"""Noise that grows with brightness: a known gain goes in and comes out, and white noise gets none."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from skimage import data

from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.noise.draw import NumpyDraw
from degrain.noise.estimate import NoiseEstimate, estimate_noise, estimate_sigma
from degrain.noise.gaussian import Gaussian
from degrain.noise.poisson import Poisson, PoissonGaussian


def ramp(channels=3, side=192):
    """From dark to bright, (C, H, W)."""
    unit = np.add.outer(np.linspace(0.08, 0.5, side), np.linspace(0, 0.4, side))
    return np.broadcast_to(unit, (channels, side, side)).astype(np.float32)


def textured(channels=3, side=288):
    """The ramp with strong random texture in its left half, too strong to be noise."""
    coarse = np.random.default_rng(7).random((side // 2, side // 8)).repeat(2, axis=0).repeat(4, axis=1)
    unit = ramp(channels, side).copy()
    unit[..., : side // 2] *= 0.6 + 0.8 * coarse
    return unit


def photograph():
    return (data.chelsea().transpose(2, 0, 1) / 255).astype(np.float32)


CLEAN = {"ramp": ramp, "gray ramp": lambda: ramp(1), "textured": textured, "photograph": photograph}
GROWING = [PoissonGaussian(30.0, 5.0), PoissonGaussian(100.0, 10.0), PoissonGaussian(300.0, 2.0), Poisson(100.0)]


def found(unit, noise, seed=0, kind="float32") -> NoiseEstimate:
    scale = PixelScale.of(kind)
    spoilt = noise.apply(unit, NumpyDraw(np.random.default_rng(seed)))
    return estimate_noise(Picture(scale.to_stored(spoilt.transpose(1, 2, 0)), scale))


def map_error(unit, estimate, noise):
    """Of sigma over the picture's own brightness, as a share of it."""
    brightness = unit.mean(0)
    true = noise.level.at(brightness)
    return float(np.abs(estimate.level.at(brightness) - true).mean() / true.mean())


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize("noise", GROWING, ids=str)
@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_a_known_level_is_found(name, noise, kind):
    unit = CLEAN[name]()
    estimate = found(unit, noise, kind=kind)
    assert map_error(unit, estimate, noise) < 0.06
    assert estimate.level.gain == pytest.approx(noise.level.gain, rel=0.15)
    assert estimate.white


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize("sigma", [0, 2, 5, 15, 25, 50])
@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_white_noise_gets_no_gain(name, sigma, kind):
    assert found(CLEAN[name](), Gaussian(sigma), seed=1, kind=kind).level.gain == 0


def test_without_a_gain_it_is_the_one_sigma():
    noisy = Picture(Gaussian(12.0).apply(ramp(), NumpyDraw(np.random.default_rng(0))).transpose(1, 2, 0), FLOAT)
    assert estimate_noise(noisy).level.sigma == estimate_sigma(noisy) > 0


def test_fewer_photons_more_gain():
    gains = [found(ramp(), PoissonGaussian(peak, 2.0)).level.gain for peak in (2000.0, 500.0, 100.0, 20.0)]
    assert all(3 * less < more for less, more in pairwise(gains))


@pytest.mark.parametrize("brightness", [0.2, 0.5, 0.8])
def test_one_brightness_tells_no_gain_but_the_noise_that_it_has(brightness):
    noise = PoissonGaussian(50.0, 4.0)
    level = found(np.full((3, 128, 128), brightness, np.float32), noise).level
    assert level.gain == 0
    assert level.sigma == pytest.approx(noise.level.at(brightness), rel=0.05)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 20, 20), (1, 64, 64)])
def test_small_pictures_get_one_sigma(shape):
    assert found(np.full(shape, 0.4, np.float32), PoissonGaussian(30.0, 5.0)).level.gain == 0


FLOAT = PixelScale.of("float32")
CHANGES = {
    "left to right": lambda noisy: noisy[:, ::-1],
    "upside down": lambda noisy: noisy[::-1],
    "turned": lambda noisy: noisy.transpose(1, 0, 2),
    "blue first": lambda noisy: noisy[..., ::-1],
    "16 bit": lambda noisy: noisy.astype(np.float16),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("noise", [Gaussian(10.0), PoissonGaussian(100.0, 5.0)], ids=str)
def test_the_same_picture_seen_otherwise_has_the_same_noise(change, noise):
    noisy = noise.apply(photograph(), NumpyDraw(np.random.default_rng(3))).transpose(1, 2, 0)
    seen = CHANGES[change](noisy)
    one, other = (estimate_noise(Picture(samples, PixelScale.of(samples.dtype))).level for samples in (noisy, seen))
    for brightness in (0.1, 0.5, 0.9):
        assert other.at(brightness) == pytest.approx(one.at(brightness), rel=0.06)


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize("black", [0.04, 0.2])
@pytest.mark.parametrize("noise", [PoissonGaussian(30.0, 2.0), PoissonGaussian(80.0, 1.0)], ids=str)
@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_a_black_level_is_found(name, black, noise, kind):
    """A sensor that adds a constant: its noise does not grow from 0, but from there."""
    light = 0.75 * (CLEAN[name]() - CLEAN[name]().min()).clip(0, 1)
    spoilt = noise.apply(light, NumpyDraw(np.random.default_rng(5))) + black
    scale = PixelScale.of(kind)
    found = estimate_noise(Picture(scale.to_stored(spoilt.transpose(1, 2, 0)), scale)).level
    true, brightness = replace(noise.level, black=black), light.mean(0) + black
    assert np.abs(found.at(brightness) - true.at(brightness)).mean() < 0.08 * true.at(brightness).mean()
    assert found.gain == pytest.approx(noise.level.gain, rel=0.2)


@pytest.mark.parametrize("shift", [-0.3, -0.5, -1.0, -2.0])
@pytest.mark.parametrize("noise", [PoissonGaussian(50.0, 4.0), PoissonGaussian(200.0, 1.0)], ids=str)
def test_floats_may_lie_below_zero(shift, noise):
    """As of pictures stretched to -1..1, or CT numbers: the noise grows from the darkest place."""
    unit = photograph()
    spoilt = noise.apply(unit, NumpyDraw(np.random.default_rng(2))) + np.float32(shift)
    level = estimate_noise(Picture(spoilt.transpose(1, 2, 0), FLOAT)).level
    brightness = unit.mean(0)
    true = noise.level.at(brightness)
    assert np.abs(level.at(brightness + shift) - true).mean() < 0.06 * true.mean()


def test_burnt_out_and_black_parts_do_not_bend_the_line():
    unit, noise = ramp().copy(), PoissonGaussian(60.0, 5.0)
    unit[:, :30], unit[:, -30:] = 0.0, 1.4
    level = found(unit, noise, kind="uint8").level
    for brightness in (0.2, 0.5, 0.8):
        assert level.at(brightness) == pytest.approx(noise.level.at(brightness), rel=0.08)
