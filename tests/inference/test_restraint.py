"""What is given back to textured places."""

import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from degrain.denoisers.zoo import open_denoiser
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.inference.cleaning import Cleaning
from degrain.inference.engine import Engine
from degrain.inference.restraint import restrained
from degrain.noise.estimate import estimate_noise
from degrain.spec import ModelSpec

KINDS = ("uint8", "uint16", "int16", "float32", "float64")
HALF = 96  # pixels: quiet to the left, textured to the right
FAINT = 1.5 / 255  # sigma


def spoiled(texture: float, noise: float = FAINT, channels: int = 3, height: int = 150) -> tuple[np.ndarray, ...]:
    """Texture at the right half under noise all over, and the texture alone: (H, W, C) in unit range."""
    rng = np.random.default_rng(5)
    clean = np.full((height, 2 * HALF, channels), 0.6)
    clean[:, HALF:] += texture * rng.standard_normal((height, HALF, 1))
    return clean + noise * rng.standard_normal(clean.shape), clean


def as_picture(unit: np.ndarray, dtype: str) -> Picture:
    scale = PixelScale.of(dtype)
    return Picture.of_array(scale.to_stored(unit.astype(np.float32)), scale=scale)


def rms(difference: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(difference))))


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("channels", [1, 3])
def test_texture_that_was_taken_for_noise_comes_back_and_noise_stays_away(dtype, channels):
    noisy, _ = spoiled(texture=10 / 255, channels=channels)
    picture = as_picture(noisy, dtype)
    smooth = restrained(picture, as_picture(np.full_like(noisy, 0.6), dtype)).samples  # noise and texture are gone
    taken = picture.scale.to_unit(smooth) - picture.scale.to_unit(picture.samples)
    margin = 16  # pixels: between the halves the gain changes
    assert rms(taken[:, : HALF - margin]) == pytest.approx(FAINT, rel=0.05)
    assert rms(taken[:, HALF + margin :]) == pytest.approx(2 * FAINT, rel=0.15)  # of 10 levels, 3
    assert smooth.dtype == picture.samples.dtype


@pytest.mark.parametrize("dtype", KINDS)
def test_noise_that_is_alike_all_over_goes_wholly(dtype):
    noisy, clean = spoiled(texture=0.0)
    picture = as_picture(noisy, dtype)
    answer = as_picture(clean, dtype)
    np.testing.assert_allclose(restrained(picture, answer).unit(), answer.unit(), rtol=1e-6)


def test_a_sensors_noise_goes_wholly_though_it_doubles_with_brightness():
    rng = np.random.default_rng(6)
    clean = np.linspace(0.2, 0.8, 400)[:, None, None] * np.ones((400, 160, 3))
    noisy = clean + FAINT * np.sqrt(clean / 0.2) * rng.standard_normal(clean.shape)
    left = restrained(as_picture(noisy, "uint16"), as_picture(clean, "uint16"))
    difference = left.unit().transpose(1, 2, 0) - clean
    assert rms(difference) < 0.05 * rms(noisy - clean)


def test_where_nothing_was_taken_does_not_count_as_quiet():
    noisy, clean = spoiled(texture=0.0)
    noisy[:, : HALF + 40], clean[:, : HALF + 40] = 1.0, 1.0  # a clipped sky over most of it
    picture, answer = as_picture(noisy, "uint8"), as_picture(clean, "uint8")
    np.testing.assert_array_equal(restrained(picture, answer).samples, answer.samples)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (17, 5), (16, 16), (257, 33), (300, 1)])
def test_pictures_of_any_size_lie_between_what_came_and_what_the_model_said(size):
    rng = np.random.default_rng(7)
    noisy, answer = rng.random((*size, 3)), rng.random((*size, 3))
    clean = restrained(as_picture(noisy, "float32"), as_picture(answer, "float32")).samples
    low, high = np.minimum(noisy, answer), np.maximum(noisy, answer)
    assert ((clean >= low - 1e-6) & (clean <= high + 1e-6)).all()


class Smoothing:
    """A denoiser that leaves nothing but the mean."""

    spec = ModelSpec(name="smoothing", planes={1: (0,), 3: (0, 1, 2)}, width=3, wants_level=False)

    def __call__(self, tiles, level):
        return np.broadcast_to(tiles.mean(axis=(2, 3), keepdims=True), tiles.shape).astype(np.float32)


class Blurring:
    """A denoiser whose changes are as faint as the noise."""

    spec = ModelSpec(name="blurring", planes={1: (0,), 3: (0, 1, 2)}, width=3, wants_level=False)

    def __call__(self, tiles, level):
        return uniform_filter(tiles, (0, 0, 9, 9), mode="nearest")


@pytest.mark.parametrize("noise", [FAINT, 8 / 255], ids=["faint", "plain"])
def test_only_what_is_too_faint_to_tell_from_texture_is_restrained(noise, model_file):
    rng = np.random.default_rng(8)
    noisy, _ = spoiled(texture=0.0, noise=0.0, height=192)
    noisy[:, HALF:] += 0.1 * rng.standard_normal((192, HALF, 1)).repeat(3, axis=2)
    coarse = rng.standard_normal((192 // 2, HALF, 3)).repeat(2, axis=0).repeat(2, axis=1)
    picture = as_picture(noisy + noise * coarse, "uint8")
    found = estimate_noise(picture)
    assert (found.suspect, found.faint) == (True, noise == FAINT)
    done = Cleaning(Engine(open_denoiser(model_file)), coarse=Engine(Smoothing())).picture(picture)
    assert done.model == "smoothing"
    taken = picture.scale.to_unit(done.clean.samples) - picture.scale.to_unit(picture.samples)
    kept = rms(taken[:, HALF + 16 :]) < 3 * noise
    assert kept == found.faint


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_more_strength_takes_more_from_textured_places_too(dtype, model_file):
    rng = np.random.default_rng(8)
    noisy, _ = spoiled(texture=0.0, noise=0.0, height=192)
    noisy[:, HALF:] += 0.1 * rng.standard_normal((192, HALF, 1))
    picture = as_picture(noisy + FAINT * rng.standard_normal((96, HALF, 3)).repeat(2, axis=0).repeat(2, axis=1), dtype)
    engine, coarse = Engine(open_denoiser(model_file)), Engine(Smoothing())
    changes = []
    for strength in (0.0, 0.05, 0.1, 0.2, 0.5, 0.8, 1.0):
        done = Cleaning(engine, strength=strength, coarse=coarse).picture(picture)
        assert done.unchanged == (strength == 0)
        changes.append(rms(picture.scale.to_unit(done.clean.samples) - picture.scale.to_unit(picture.samples)))
    assert np.diff(changes).min() >= 0
    assert changes[3] == pytest.approx(changes[-1] / 5, rel=0.2)


@pytest.mark.parametrize("strength", [0.25, 0.5, 0.75])
def test_a_part_of_a_faint_change_leaves_no_comb(strength, model_file):
    """Half of a change by one step of 8 bit, rounded to even, would make even values come twice as often."""
    rng = np.random.default_rng(8)
    noise = FAINT * rng.standard_normal((96, HALF, 3)).repeat(2, axis=0).repeat(2, axis=1)
    ramp = 0.3 + 0.3 * np.linspace(0, 1, 2 * HALF)[:, None, None] + noise
    cleaning = Cleaning(Engine(open_denoiser(model_file)), strength=strength, coarse=Engine(Blurring()))
    done = cleaning.picture(as_picture(ramp, "uint8"))
    assert done.model == "blurring"
    assert np.mean(done.clean.samples % 2) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("factor", [1 / 64, 1, 4096], ids=str)
def test_the_unit_of_float_samples_does_not_matter(factor, model_file):
    rng = np.random.default_rng(8)
    noisy, _ = spoiled(texture=0.0, noise=0.0, height=192)
    noisy += 0.3 * np.linspace(-1, 1, 192)[:, None, None]
    noisy[:, HALF:] += 0.1 * rng.standard_normal((192, HALF, 1))
    noisy += FAINT * rng.standard_normal((96, HALF, 3)).repeat(2, axis=0).repeat(2, axis=1)
    cleaning = Cleaning(Engine(open_denoiser(model_file)), coarse=Engine(Smoothing()))
    done, scaled = (cleaning.picture(as_picture(noisy * by, "float32")) for by in (1, factor))
    assert done.model == scaled.model == "smoothing"
    np.testing.assert_allclose(scaled.clean.samples / factor, done.clean.samples, atol=1e-5)
