"""Arrays in, arrays out; stored values to unit range and back, every one of them."""

import io

import numpy as np
import pytest
from PIL import Image

from degrain.errors import ImageError, UnwritableImage
from degrain.images.picture import DTYPES, Picture
from degrain.images.scale import PixelScale
from degrain.images.write import encode


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "bool"])
def test_every_stored_value_comes_back(dtype):
    limits = (0, 1) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    stored = np.arange(limits[0], limits[1] + 1).astype(dtype).reshape(-1, 1, 1)
    scale = PixelScale.of(dtype)
    unit = scale.to_unit(stored)
    assert unit.dtype == np.float32
    assert (unit.min(), unit.max()) == (0, 1)
    assert (np.diff(unit[:, 0, 0]) > 0).all()
    np.testing.assert_array_equal(scale.to_stored(unit), stored)


@pytest.mark.parametrize("bits", range(9, 16))
def test_every_value_of_odd_depths_comes_back(bits):
    scale = PixelScale("uint16", 0, 2**bits - 1)
    stored = np.arange(2**bits, dtype=np.uint16)
    np.testing.assert_array_equal(scale.to_stored(scale.to_unit(stored)), stored)


def test_every_kind_of_float32_comes_back():
    """All exponents, both signs, what is subnormal, infinite or no number; HU and photons leave 0..1."""
    bits = np.arange(0, 2**32, 65_521, dtype=np.uint64).astype(np.uint32)
    stored = bits.view(np.float32)
    scale = PixelScale.of("float32")
    np.testing.assert_array_equal(scale.to_stored(scale.to_unit(stored)), stored)


def test_float16_comes_back():
    stored = np.arange(65_536, dtype=np.uint16).view(np.float16)
    scale = PixelScale.of("float16")
    np.testing.assert_array_equal(scale.to_stored(scale.to_unit(stored)), stored)


def test_integers_are_rounded_and_clipped():
    stored = PixelScale.of("uint8").to_stored(np.float32([-1, 0.4999 / 255, 0.5001 / 255, 2]))
    assert stored.tolist() == [0, 0, 1, 255]


@pytest.mark.parametrize("dtype", [*sorted(DTYPES), ">u2", ">f4", ">i2"])
@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (5, 7, 1), (5, 7, 2), (5, 7, 3), (5, 7, 4), (1, 257), (257, 1)])
def test_arrays_come_back(shape, dtype):
    array = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    back = Picture.of_array(array).array()
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)


def test_an_array_is_not_copied():
    array = np.zeros((4, 5, 3), np.uint8)
    picture = Picture.of_array(array)
    assert np.shares_memory(picture.samples, array)
    assert np.shares_memory(picture.array(), array)


def test_sides_and_unit():
    array = np.zeros((4, 5, 4), np.uint16)
    array[1, 2] = (65535, 0, 0, 7)
    picture = Picture.of_array(array)
    assert (picture.height, picture.width, picture.channels) == (4, 5, 3)
    assert picture.unit().shape == (3, 4, 5)
    assert picture.unit()[0, 1, 2] == 1
    changed = picture.with_unit(1 - picture.unit()).array()
    assert changed[1, 2].tolist() == [0, 65535, 65535, 7]


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.float32(1), "H, W"),
        (np.zeros(5), "H, W"),
        (np.zeros((0, 5)), "at least one pixel"),
        (np.zeros((5, 5, 0)), "at least one pixel"),
        (np.zeros((5, 5, 5)), "last axis"),
        (np.zeros((3, 50, 60)), "last axis"),
        (np.zeros((2, 5, 5, 3)), "H, W"),
        (np.zeros((5, 5), complex), "complex128"),
        (np.zeros((5, 5), np.uint32), "uint32"),
        (np.zeros((5, 5), np.int64), "int64"),
        (np.zeros((5, 5), np.int8), "int8"),
        (np.zeros((5, 5), object), "object"),
        (np.array([["a", "b"]]), "str"),
        (np.array([[np.datetime64(0, "s")]]), "datetime64"),
        (None, "object"),
    ],
)
def test_what_is_no_picture(array, reason):
    with pytest.raises(ImageError, match=reason):
        Picture.of_array(array)


def test_alpha_must_fit():
    with_alpha = Picture.of_array(np.zeros((4, 5, 2), np.uint8))
    with pytest.raises(ImageError, match="alike"):
        with_alpha.with_samples(np.zeros((4, 4, 1), np.uint8))
    with pytest.raises(ImageError, match=r"\(H, W, 1\)"):
        with_alpha.with_samples(np.zeros((4, 5), np.uint8))


def test_an_array_has_no_format_of_its_own():
    with pytest.raises(UnwritableImage, match="no file format"):
        encode(Picture.of_array(np.zeros((4, 4), np.uint8)))


@pytest.mark.parametrize(("side", "kind"), [(64, "PNG"), (1200, "JPEG")])
def test_a_notebook_shows_it_in_one_format(side, kind):
    ramp = np.linspace(0, 1, side * side, dtype=np.float32).reshape(side, side)
    shown = [one for one in (Picture.of_array(ramp)._repr_png_(), Picture.of_array(ramp)._repr_jpeg_()) if one]
    assert len(shown) == 1
    with Image.open(io.BytesIO(shown[0])) as image:
        assert image.format == kind
        assert np.abs(np.asarray(image) / 255 - ramp).max() < 0.02


def test_it_says_in_a_line_what_it_is():
    assert repr(Picture.of_array(np.zeros((4, 5, 3), np.uint16), source="a.png")) == "Picture(4x5x3 uint16, 'a.png')"


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("shape", [(1, 1), (5, 300), (200, 7)])
def test_gray_saved_in_colour_is_gray_until_one_sample_differs(shape, dtype):
    gray = (np.random.default_rng(0).random((*shape, 1)) * 200).astype(dtype)
    assert Picture.of_array(gray).is_gray
    colour = gray.repeat(3, axis=2)
    assert Picture.of_array(colour).is_gray
    colour[-1, -1, 2] += 1
    assert not Picture.of_array(colour).is_gray


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_no_number_is_shown_black_and_what_is_too_bright_white(channels):
    picture = Picture.of_array(
        np.broadcast_to(np.array([np.nan, np.inf, -np.inf, 0.2])[:, None, None], (4, 5, channels))
    )
    assert picture.shown()[:, 0, 0].tolist() == [0, 255, 0, 51]
    assert (np.asarray(Image.open(io.BytesIO(picture._repr_png_()))).reshape(4, 5, -1) == picture.shown()).all()


def test_eight_bits_of_another_range_are_shown_over_all_of_it():
    limited = Picture.of_array(np.array([[16, 235]], np.uint8), scale=PixelScale("uint8", 16, 235))
    assert limited.shown().ravel().tolist() == [0, 255]
