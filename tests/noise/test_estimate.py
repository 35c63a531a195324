import os
import time
import tracemalloc

import numpy as np
import pytest
from PIL import Image
from skimage import data

from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.noise.correlated import Correlated
from degrain.noise.draw import NumpyDraw
from degrain.noise.estimate import NoiseEstimate, estimate_noise, estimate_sigma
from degrain.noise.gaussian import Gaussian
from degrain.noise.table import parse
from degrain.sources.folder import Folder


def picture(unit, kind="float32"):
    """Unit-range (C, H, W) as a Picture of a stored type."""
    scale = PixelScale.of(kind)
    return Picture(scale.to_stored(unit.transpose(1, 2, 0)), scale)


def spoil(unit, sigma, seed=0):
    return Gaussian(sigma).apply(unit.astype(np.float32), NumpyDraw(np.random.default_rng(seed)))


def flat(channels=1, side=160):
    return np.full((channels, side, side), 0.5, np.float32)


def gradient(channels=3, side=160):
    ramp = np.add.outer(np.linspace(0.3, 0.5, side), np.linspace(0, 0.2, side))
    return np.broadcast_to(ramp, (channels, side, side)).astype(np.float32)


def half_textured(channels=3, side=192):
    """Strong random texture in the left half."""
    unit = gradient(channels, side).copy()
    coarse = np.random.default_rng(7).random((side // 2, side // 4)).repeat(2, axis=0).repeat(2, axis=1)
    unit[..., : side // 2] += 0.3 * (coarse - 0.5)
    return unit


def photograph():
    return (data.chelsea().transpose(2, 0, 1) / 255).astype(np.float32)


CLEAN = {"flat": flat, "gradient": gradient, "half textured": half_textured, "photograph": photograph}


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize("sigma", [2, 5, 15, 25, 50, 75])
def test_known_noise_is_found(name, sigma):
    assert estimate_sigma(picture(spoil(CLEAN[name](), sigma))) == pytest.approx(sigma, rel=0.05, abs=0.15)


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_clean_pictures_have_next_to_none(name, kind):
    assert estimate_sigma(picture(CLEAN[name](), kind)) < 0.6


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_depth_does_not_matter(kind):
    assert estimate_sigma(picture(spoil(gradient(), 10), kind)) == pytest.approx(10, rel=0.03)


def test_a_range_other_than_the_types_own():
    """12 bits in 16: sigma counts on the range that the picture uses."""
    scale = PixelScale("uint16", 0, 4095)
    stored = scale.to_stored(spoil(gradient(1), 10).transpose(1, 2, 0))
    assert estimate_sigma(Picture(stored, scale)) == pytest.approx(10, rel=0.04)


def test_scales_with_the_noise():
    noise = spoil(flat(), 1) - flat()
    small, large = (estimate_sigma(picture(flat() + factor * noise)) for factor in (3, 30))
    assert large == pytest.approx(10 * small, rel=1e-3)


def test_channels_with_unequal_noise_give_the_mean_power():
    unit = np.concatenate([spoil(flat(), sigma, seed) for seed, sigma in enumerate((5, 10, 20))])
    assert estimate_sigma(picture(unit)) == pytest.approx(np.sqrt((25 + 100 + 400) / 3), rel=0.04)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 5), (1, 7, 500), (3, 500, 7)])
def test_pictures_too_small_to_tell_give_zero(shape):
    assert estimate_sigma(picture(spoil(np.full(shape, 0.5), 25))) == 0


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 9, 30), (1, 20, 20)])
def test_small_pictures_give_a_fair_guess(shape):
    assert 12 < estimate_sigma(picture(spoil(np.full(shape, 0.5), 25))) < 45


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("kind", ["uint8", "float32", "bool"])
def test_a_constant_picture_has_none(value, kind):
    assert estimate_sigma(picture(np.full((3, 64, 64), value, np.float32), kind)) == 0


def test_flat_graphics_have_none():
    unit = np.ones((3, 128, 128), np.float32)
    unit[:, 20:90, 30:100] = np.array([0.2, 0.5, 0.7])[:, None, None]
    unit[:, 50:120, 60:110] = np.array([0.8, 0.4, 0.1])[:, None, None]
    assert estimate_sigma(picture(unit, "uint8")) == 0


@pytest.mark.parametrize("border", [0.0, 0.1, 1.0])
def test_letterbox_borders_do_not_count(border):
    unit = spoil(gradient(side=200), 12)
    unit[:, :40] = unit[:, -40:] = border
    assert estimate_sigma(picture(unit, "uint8")) == pytest.approx(12, rel=0.04)


def test_a_burnt_out_sky_does_not_count():
    unit = gradient(side=200).copy()
    unit[:, :130] = 1.3
    assert estimate_sigma(picture(np.clip(spoil(unit, 12), 0, 1), "uint8")) == pytest.approx(12, rel=0.05)


def test_black_shadows_do_not_pull_it_down():
    unit = gradient(side=200).copy()
    unit[..., :120] = 0.01
    assert estimate_sigma(picture(np.clip(spoil(unit, 12), 0, 1), "uint8")) == pytest.approx(12, rel=0.05)


def test_pixels_that_are_no_numbers_are_passed_over():
    unit = spoil(gradient(), 12)
    unit[:, 10:20, 10:20] = np.nan
    unit[:, 90, 90] = np.inf
    assert estimate_sigma(picture(unit)) == pytest.approx(12, rel=0.04)
    assert estimate_sigma(picture(np.full((1, 32, 32), np.nan, np.float32))) == 0


def test_100_megapixels_in_little_memory_and_time():
    tile = PixelScale.of("uint8").to_stored(spoil(np.full((1, 100, 10000), 0.5), 20).transpose(1, 2, 0))
    samples = np.broadcast_to(tile, (100, *tile.shape)).reshape(-1, 10000, 1)
    huge = Picture(samples, PixelScale.of("uint8"))
    tracemalloc.start()
    start = time.process_time()
    sigma = estimate_noise(huge).level.sigma
    seconds, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sigma == pytest.approx(20, rel=0.04)
    assert peak < 150e6
    assert seconds < 2


def test_same_picture_same_answer_and_picture_unchanged():
    noisy = picture(spoil(gradient(), 12))
    before = noisy.samples.copy()
    assert estimate_sigma(noisy) == estimate_sigma(noisy)
    np.testing.assert_array_equal(noisy.samples, before)


def test_a_channel_that_is_clipped_away_does_not_count():
    unit = spoil(gradient(), 12)
    unit[2] = 0
    assert estimate_sigma(picture(unit, "uint8")) == pytest.approx(12, rel=0.04)


def test_flat_graphics_and_tiny_pictures_give_an_estimate_of_nothing():
    for unit in (flat(), np.full((3, 5, 5), 0.5, np.float32)):
        assert estimate_noise(picture(unit, "uint8")) == NoiseEstimate()
    assert not NoiseEstimate().level.known


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize("sigma", [0, 2, 5, 25, 50])
@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_white_noise_and_none_are_white(name, sigma, kind):
    found = estimate_noise(picture(spoil(CLEAN[name](), sigma), kind))
    assert found.white
    assert not (sigma and found.suspect)


@pytest.mark.parametrize("name", CLEAN)
def test_coarser_grains_correlate_more(name):
    found = []
    for radius in (0.5, 0.7, 1.0):
        noisy = Correlated(12.0, radius).apply(CLEAN[name](), NumpyDraw(np.random.default_rng(2)))
        found.append(estimate_noise(picture(noisy, "uint8")).correlation)
    assert 0.05 < found[0] < found[1] < found[2] < 1


@pytest.mark.parametrize("noise", ["camera:peak=1000", "camera:peak=500+jpeg:quality=90"])
@pytest.mark.parametrize("name", ["gradient", "photograph"])
def test_a_cameras_noise_is_not_white(name, noise):
    noisy = parse(noise).apply(CLEAN[name](), NumpyDraw(np.random.default_rng(4)))
    assert estimate_noise(picture(noisy, "uint8")).correlation > 0.4


@pytest.mark.parametrize(
    "noise", ["correlated:sigma=10,radius=1", "correlated:sigma=9,radius=1.5", "correlated:sigma=20,radius=1"]
)
@pytest.mark.parametrize("white", [1.5, 4.0])
@pytest.mark.parametrize("name", [name for name in CLEAN if name != "flat"])  # which is gray
def test_coarse_noise_under_white_noise_is_seen_in_colour(name, noise, white):
    """Grain with a sensor's noise on it: the highest frequencies are full, but colours differ by more than those."""
    noisy = parse(f"{noise}+gaussian:sigma={white}").apply(CLEAN[name](), NumpyDraw(np.random.default_rng(4)))
    found = estimate_noise(picture(noisy, "uint8"))
    assert found.suspect
    assert not found.white


@pytest.mark.parametrize("noise", ["camera:peak=10000+jpeg:quality=90", "correlated:sigma=1,radius=0.7"])
def test_faint_noise_that_is_not_white_is_suspected(noise):
    noisy = parse(noise).apply(gradient(), NumpyDraw(np.random.default_rng(4)))
    found = estimate_noise(picture(noisy, "uint8"))
    assert (found.suspect, found.correlation) == (True, 0)


def test_what_is_found_is_suspected_too():
    noisy = Correlated(12.0, 0.7).apply(gradient(), NumpyDraw(np.random.default_rng(2)))
    assert estimate_noise(picture(noisy, "uint8")).suspect


@pytest.mark.parametrize("factor", [1.5, 2])
def test_an_enlarged_pictures_noise_is_not_white(factor):
    noisy = picture(spoil(gradient(side=150), 15), "uint8")
    side = int(150 * factor)
    enlarged = Image.fromarray(noisy.samples).resize((side, side), Image.Resampling.BICUBIC)
    assert not estimate_noise(Picture.of_array(np.asarray(enlarged))).white


@pytest.mark.data
@pytest.mark.skipif("DEGRAIN_DATA" not in os.environ, reason="needs test/BSD68 and test/CBSD68 below DEGRAIN_DATA")
@pytest.mark.parametrize("name", ["BSD68", "CBSD68"])
@pytest.mark.parametrize(("sigma", "bias", "spread"), [(0, 0.5, 0.6), (5, 0.1, 0.3), (25, 0.1, 0.4), (75, 0.2, 0.7)])
def test_bias_and_spread_on_the_berkeley_pictures(name, sigma, bias, spread):
    pictures = [item.load() for item in Folder(os.environ["DEGRAIN_DATA"], include=[f"test/{name}"]).items()]
    errors = [estimate_sigma(picture(spoil(clean.unit(), sigma, seed))) - sigma for seed, clean in enumerate(pictures)]
    assert abs(np.mean(errors)) < bias
    assert np.std(errors) < spread


NOISES = {
    "white": Gaussian(12.0),
    "coarse": Correlated(12.0, 0.8),
    "faint": Correlated(1.3, 0.8),
    "photons": parse("poisson:peak=100"),
}


def spoilt_photograph(noise):
    return NOISES[noise].apply(photograph(), NumpyDraw(np.random.default_rng(3)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("power", [-48, -10, -6, -1, 1, 6, 30, 50])
def test_the_unit_of_float_samples_does_not_matter(noise, power):
    """Counts, metres, volts: 4**-48 to 4**50."""
    factor = 4.0**power
    unit = spoilt_photograph(noise).astype(np.float64)
    plain, found = (estimate_noise(picture((unit * by).astype(np.float32))) for by in (1.0, factor))
    assert (found.suspect, found.correlation) == (plain.suspect, plain.correlation)
    assert found.level.sigma == pytest.approx(plain.level.sigma * factor, rel=1e-6)
    assert found.level.gain == pytest.approx(plain.level.gain * factor, rel=1e-6)
    assert found.level.black == pytest.approx(plain.level.black * factor, rel=1e-6)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_fewer_bits_in_sixteen_are_no_fainter_noise(noise, bits):
    unit = spoilt_photograph(noise).clip(0, 1)
    full = estimate_noise(picture(unit, "uint16"))
    found = estimate_noise(Picture.of_array(np.rint(unit * (2**bits - 1)).astype(np.uint16).transpose(1, 2, 0)))
    assert (found.suspect, found.white) == (full.suspect, full.white)
    assert found.level.sigma * 65535 / (2**bits - 1) == pytest.approx(full.level.sigma, rel=0.02, abs=0.1)
    assert found.correlation == pytest.approx(full.correlation, abs=0.02)
