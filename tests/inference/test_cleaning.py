"""``degrain.denoise`` and what stands behind it."""

import numpy as np
import pytest

from degrain.denoisers.zoo import open_denoiser
from degrain.errors import ImageError, ModelError, NoiseError
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.inference.cleaning import Cleaned, Cleaning, denoise
from degrain.inference.engine import Engine
from degrain.noise.draw import NumpyDraw
from degrain.noise.level import NoiseLevel
from degrain.noise.poisson import PoissonGaussian
from degrain.spec import ModelSpec

KINDS = ("uint8", "uint16", "int16", "float16", "float32", "float64")


def noisy(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Gray at half of the range under noise of about 20 on the 0..255 scale."""
    unit = np.random.default_rng(0).normal(0.5, 20 / 255, shape)
    if np.dtype(dtype).kind == "f":
        return unit.astype(dtype)
    ends = np.iinfo(dtype)
    return np.rint(ends.min + unit * (ends.max - ends.min)).astype(dtype)


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("shape", [(30, 41), (30, 41, 1), (30, 41, 2), (30, 41, 3), (30, 41, 4)])
def test_an_array_keeps_its_shape_and_type_and_alpha(model_file, shape, dtype):
    array = noisy(shape, dtype)
    kept = array.copy()
    clean = denoise(array, model=model_file, sigma=20)
    assert (clean.shape, clean.dtype) == (array.shape, array.dtype)
    assert (array == kept).all()
    assert (clean != array).any()
    if shape[2:] in {(2,), (4,)}:
        assert (clean[..., -1] == array[..., -1]).all()


@pytest.mark.parametrize("dtype", KINDS)
def test_auto_measures_what_a_person_would_say(model_file, dtype):
    cleaning = Cleaning(Engine(open_denoiser(model_file)))
    done = cleaning.picture(Picture.of_array(noisy((120, 130), dtype)))
    assert done.level.sigma == pytest.approx(20, rel=0.05)
    assert not done.unchanged


class Watched:
    """A denoiser that changes nothing and keeps what it is told."""

    spec = ModelSpec(name="watched", planes={3: (0, 1, 2)}, width=3, wants_level=True)

    def __init__(self) -> None:
        self.told: list[np.ndarray] = []

    def __call__(self, tiles, level):
        self.told.append(level)
        return tiles


@pytest.mark.parametrize(("unit", "sigma"), [(0.25, 13), (1.0, 25.5), (-3.0, 1)])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_a_level_that_grows_is_said_at_the_mean_brightness(unit, sigma, dtype):
    scale = PixelScale.of(dtype)
    picture = Picture(scale.to_stored(np.full((4, 4, 3), unit, np.float32)), scale)
    told = Cleaned(picture, picture, "m", NoiseLevel(1, 0.01), None, 0.0)
    assert told.sigma == pytest.approx(sigma, abs=0.3)  # that of black where a float picture is darker


def test_auto_tells_a_level_that_grows_and_strength_scales_it():
    ramp = np.broadcast_to(np.linspace(0.1, 0.9, 200, dtype=np.float32), (3, 200, 200))
    noisy = PoissonGaussian(50.0, 4.0).apply(ramp, NumpyDraw(np.random.default_rng(0)))
    picture = Picture.of_array(noisy.transpose(1, 2, 0))
    model = Watched()
    once, more = (Cleaning(Engine(model), strength=strength).picture(picture) for strength in (1.0, 1.5))
    assert once.found is not None
    assert once.level is once.found.level
    assert once.level.gain == pytest.approx(1 / 50, rel=0.15)
    assert (more.level, more.found) == (once.level, once.found)
    first, second = model.told
    assert second == pytest.approx(1.5 * first, rel=1e-5)
    assert Cleaning(Engine(model), 20.0).picture(picture).found is None


@pytest.mark.parametrize(("spread", "strength"), [(0, 1.0), (30, 0.0)], ids=["no noise", "no strength"])
def test_nothing_to_do_gives_the_very_same_samples(model_file, spread, strength):
    values = 99 + spread * np.random.default_rng(0).standard_normal((40, 40))
    picture = Picture.of_array(values.clip(0, 255).astype(np.uint8))
    done = Cleaning(Engine(open_denoiser(model_file)), strength=strength).picture(picture)
    assert done.unchanged
    assert done.clean is picture


def test_an_answer_is_never_the_array_that_was_asked(model_file):
    mine = np.full((40, 40), 99, np.uint8)
    denoise(mine, model=model_file)[:] = 0
    assert mine.min() == 99


@pytest.mark.parametrize("source", [[[1, 2]], None, 7])
def test_what_is_no_picture_is_told(model_file, source):
    with pytest.raises(ImageError, match=type(source).__name__):
        denoise(source, model=model_file)


def test_nan_is_refused_even_where_nothing_would_be_done(model_file):
    broken = np.full((20, 20), np.nan, np.float32)
    for settings in ({}, {"strength": 0.0}, {"sigma": 9.0}):
        with pytest.raises(ImageError, match="400 pixels are NaN"):
            denoise(broken, model=model_file, **settings)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"strength": 2.5}, ModelError),
        ({"strength": -0.1}, ModelError),
        ({"strength": float("nan")}, ModelError),
        ({"strength": 1.5, "sigma": 0.0}, ModelError),
        ({"sigma": -1.0}, NoiseError),
        ({"sigma": float("nan")}, NoiseError),
        ({"sigma": "12"}, NoiseError),
        ({"sigma": None}, NoiseError),
        ({"strength": "1"}, ModelError),
    ],
)
def test_what_cannot_be_is_refused_before_any_picture(model_file, settings, error):
    with pytest.raises(error):
        Cleaning(Engine(open_denoiser(model_file)), **settings)


def test_a_stream_comes_back_in_its_format(model_file, save_noisy, tmp_path):
    cleaning = Cleaning(Engine(open_denoiser(model_file)))
    for suffix, start in {".png": b"\x89PNG", ".jpg": b"\xff\xd8", ".bmp": b"BM"}.items():
        data = save_noisy(tmp_path / f"photo{suffix}").read_bytes()
        assert cleaning.stream(data).startswith(start)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("sigma", [np.full((20, 20), 12.0), None, [5], b"auto"], ids=["map", "none", "list", "bytes"])
def test_what_is_no_level_is_named(model_file, sigma, named):
    with pytest.raises(NoiseError, match=r"sigma is a number, a NoiseLevel or 'auto', got \w+$"):
        denoise(noisy((20, 20), "uint8"), sigma=sigma, **({"model": model_file} if named else {}))


def test_masked_pixels_are_not_cleaned_as_if_they_were_measured(model_file):
    with pytest.raises(ImageError, match="masked") as refusal:
        denoise(np.ma.masked_less(noisy((20, 20), "float32"), 0.5), model=model_file)
    assert "filled" in refusal.value.hint
