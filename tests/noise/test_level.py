import numpy as np
import pytest
import torch

from degrain.errors import NoiseError
from degrain.noise.draw import NumpyDraw
from degrain.noise.level import BLIND, NoiseLevel
from degrain.noise.poisson import PoissonGaussian


def test_map_is_in_unit_range_and_fits_the_tiles():
    level = NoiseLevel(25.5).map(np.zeros((2, 3, 5, 7), np.float32))
    assert level.shape == (2, 1, 5, 7)
    assert level.dtype == np.float32
    np.testing.assert_allclose(level, 0.1, rtol=1e-6)


@pytest.mark.parametrize(
    "level", [NoiseLevel(np.float64(20)), NoiseLevel(5, np.float64(0.01)), NoiseLevel(9).scaled(np.float64(2))]
)
def test_numpy_numbers_keep_the_map_in_float32(level):
    assert level.map(np.zeros((1, 3, 20, 20), np.float32)).dtype == np.float32


def test_blind_is_zero_and_unknown():
    assert not BLIND.known
    assert not BLIND.map(np.zeros((1, 1, 2, 2), np.float32)).any()


@pytest.mark.parametrize("black", [0.3, -1.0])
def test_noise_grows_from_black(black):
    level = NoiseLevel(10, 0.02, black)
    assert level.at(black - 0.2) == level.at(black) == 10
    assert level.at(black + 0.5) == pytest.approx(NoiseLevel(10, 0.02).at(0.5))
    picture = np.full((1, 1, 20, 20), black + 0.5, np.float32)
    np.testing.assert_allclose(255 * level.map(picture), level.at(black + 0.5), rtol=1e-5)
    np.testing.assert_allclose(level.map(torch.from_numpy(picture)).numpy(), level.map(picture), rtol=1e-5)


def test_a_picture_may_be_brighter_than_white():
    """Counts in float32: as bright, as noisy."""
    level = NoiseLevel(1, 1.0)
    np.testing.assert_allclose(255 * level.map(np.full((1, 1, 20, 20), 900, np.float32)), level.at(900), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name in ("sigma", "gain", "black") for value in (np.inf, np.nan, "1", None)]
    + [("sigma", -1), ("gain", -1)],
)
def test_a_level_that_cannot_be_names_what_is_wrong(name, value):
    words = "finite" if name == "black" else "0 or more"
    with pytest.raises(NoiseError, match=f"the {name} of a noise level must be a number, {words}, got {value!r}"):
        NoiseLevel(**{name: value})


def test_scaled():
    assert NoiseLevel(20).scaled(1.5) == NoiseLevel(30)
    assert NoiseLevel(20, 0.01, 0.1).scaled(2).black == 0.1
    assert NoiseLevel(20, 0.01).scaled(2).at(0.7) == pytest.approx(2 * NoiseLevel(20, 0.01).at(0.7))


@pytest.mark.parametrize("channels", [1, 3])
def test_the_map_follows_the_noise_from_dark_to_bright(channels):
    ramp = np.broadcast_to(np.linspace(0.1, 0.9, 256, dtype=np.float32), (1, channels, 128, 256))
    noise = PoissonGaussian(peak=40, sigma=5)
    noisy = noise.apply(ramp, NumpyDraw(np.random.default_rng(0)))
    told = noise.level.map(noisy)
    spread = (noisy - ramp).std((1, 2))[0]  # of each column
    assert told.shape == (1, 1, 128, 256)
    assert np.polyfit(told.mean((1, 2))[0], spread, 1) == pytest.approx([1, 0], abs=0.03)


def test_the_map_is_the_same_in_torch():
    noisy = np.random.default_rng(0).random((2, 3, 20, 30), dtype=np.float32)
    level = NoiseLevel(7, 0.02)
    np.testing.assert_allclose(level.map(torch.from_numpy(noisy)).numpy(), level.map(noisy), rtol=1e-5)
