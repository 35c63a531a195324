"""The same questions to everything in the table of models, and to a network of the bundled kind."""

import numpy as np
import pytest

from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.denoisers.zoo import list_models, open_denoiser
from degrain.errors import MissingExtra
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.inference.engine import Engine
from degrain.noise.level import BLIND, NoiseLevel

LEVELS = [BLIND, NoiseLevel(20)]


@pytest.fixture(scope="module", params=["handmade", *(listing.name for listing in list_models())])
def engine(request):
    if request.param == "handmade":
        return Engine(OnnxDenoiser(request.getfixturevalue("network"), threads=1), tile=128)
    try:
        return Engine(open_denoiser(request.param, threads=1))
    except MissingExtra as error:
        pytest.skip(str(error))


def picture(height, width, channels=3, dtype="uint8"):
    scale = PixelScale.of(dtype)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    waves = np.stack([0.5 + 0.3 * np.sin(6 * x + c) * np.cos(3 * y) for c in range(channels)], axis=2)
    waves[:, width // 2 :] += (
        0.2 * ((x + y) * 24 % 2 > 1)[:, width // 2 :, np.newaxis]
    )  # stripes, four pixels or so wide
    noisy = waves + np.random.default_rng(0).normal(0, 20 / 255, waves.shape)
    return Picture(scale.to_stored(noisy.astype(np.float32)), scale)


def change(before, after):
    return np.sqrt(np.mean((after.unit() - before.unit()) ** 2))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (17, 33), (64, 48)])
def test_size_and_kind_stay(engine, size, channels, dtype):
    one = picture(*size, channels, dtype)
    result = engine.denoise(one)
    assert (result.samples.shape, result.samples.dtype) == (one.samples.shape, one.samples.dtype)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("value", [0, 1, 128, 255])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_constant_picture_stays(engine, channels, value, level):
    if engine.denoiser.spec.name == "handmade":
        pytest.skip("random weights keep nothing")
    one = picture(40, 40, channels)
    one.samples[...] = value
    result = engine.denoise(one, level)
    assert np.abs(result.samples.astype(int) - value).max() <= 1


@pytest.mark.parametrize("channels", [1, 3])
def test_more_strength_more_change(engine, channels):
    one, level = picture(48, 64, channels, "float32"), NoiseLevel(20)
    most = 2 if engine.denoiser.spec.wants_level else 1
    changes = [change(one, engine.denoise(one, level, strength)) for strength in np.linspace(0, most, 4 * most + 1)]
    assert changes[0] == 0
    assert np.diff(changes).min() > 0


@pytest.mark.parametrize("factor", [1 / 16, 1000])
def test_the_unit_of_float_samples_does_not_matter(engine, factor):
    one = picture(48, 64, 3, "float32")
    done = engine.denoise(one, NoiseLevel(20))
    scaled = engine.denoise(one.with_samples(one.samples * np.float32(factor)), NoiseLevel(20 * factor))
    again = scaled.with_samples(scaled.samples / np.float32(factor))
    assert change(done, again) < 0.15 * change(one, done)


@pytest.mark.parametrize("level", LEVELS)
def test_gray_saved_in_colour_is_cleaned_as_gray(engine, level):
    gray = picture(48, 64, 1)
    colour = Picture(gray.samples.repeat(3, axis=2), gray.scale)
    expected = engine.denoise(gray, level).samples.repeat(3, axis=2)
    np.testing.assert_array_equal(engine.denoise(colour, level).samples, expected)


@pytest.mark.parametrize("level", LEVELS)
def test_the_same_bits_again(engine, level):
    if engine.denoiser.spec.name == "bm3d":
        pytest.skip("its package adds up in an order of its own, 2e-7 apart")
    one = picture(48, 64)
    np.testing.assert_array_equal(engine.denoise(one, level).samples, engine.denoise(one, level).samples)
