"""What a target refuses, it refuses before anything is written, and says what would do."""

import numpy as np
import pytest

from degrain.errors import ImageError, UnwritableImage
from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.images.scale import PixelScale
from degrain.images.write import encode, write


def picture(*shape: int, dtype: str = "uint8") -> Picture:
    return Picture.of_array(np.zeros(shape, dtype))


@pytest.mark.parametrize(
    ("name", "what", "reason", "hint"),
    [
        ("a.jpg", picture(4, 4, 4), "cannot hold transparency", ".png"),
        ("a.jpg", picture(4, 4, dtype="uint16"), "cannot hold uint16", ".png"),
        ("a.webp", picture(4, 4, 3, dtype="uint16"), "cannot hold uint16", ".tif"),
        ("a.png", picture(4, 4, dtype="float32"), "cannot hold float32", ".npy"),
        ("a.png", picture(4, 4, dtype="int16"), "cannot hold int16", ".tif"),
        ("a.bmp", picture(4, 4, dtype="uint16"), "cannot hold uint16", ".png"),
        ("a.webp", picture(1, 16_384), "at most 16383", ".png"),
        ("a.jpg", picture(65_501, 1), "at most 65500", ".tif"),
        ("a.gif", picture(4, 4), "names no format", ".png"),
        ("a", picture(4, 4), "names no format", ".png"),
    ],
)
def test_refused(tmp_path, name, what, reason, hint):
    with pytest.raises(UnwritableImage, match=reason) as refusal:
        write(what, tmp_path / name)
    assert hint in refusal.value.hint
    assert list(tmp_path.iterdir()) == []


def test_existing_files_are_refused_as_unwritable(tmp_path):
    write(picture(4, 4), tmp_path / "a.png")
    with pytest.raises(UnwritableImage, match="exists already"):
        write(picture(5, 5), tmp_path / "a.png")
    assert read(tmp_path / "a.png").height == 4
    write(picture(5, 5), str(tmp_path / "a.png"), overwrite=True)
    assert read(str(tmp_path / "a.png")).height == 5


@pytest.mark.parametrize("suffix", [".PNG", ".Tiff", ".JPEG", ".jpe"])
def test_suffixes_in_any_case(tmp_path, suffix):
    write(picture(4, 4), tmp_path / f"a{suffix}")
    assert read(tmp_path / f"a{suffix}").height == 4


def test_premultiplied_colours_do_not_go_where_they_would_be_taken_for_plain():
    import io

    import tifffile

    array = np.zeros((4, 4, 4), np.uint8)
    tifffile.imwrite(file := io.BytesIO(), array, photometric="rgb", extrasamples=["assocalpha"])
    with pytest.raises(UnwritableImage, match="multiplied by alpha"):
        encode(read(file.getvalue()), ".png")


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_twelve_bits_do_not_come_out_dark_elsewhere(suffix):
    twelve = Picture.of_array(np.array([[0, 4095, 1000]], np.uint16), scale=PixelScale("uint16", 0, 4095))
    np.testing.assert_allclose(read(encode(twelve, suffix)).unit(), twelve.unit(), atol=1 / 65535)


def test_an_array_file_holds_the_values_as_they_are():
    twelve = Picture.of_array(np.array([[0, 4095, 1000]], np.uint16), scale=PixelScale("uint16", 0, 4095))
    assert read(encode(twelve, ".npy")).array().tolist() == [[0, 4095, 1000]]


def test_an_array_is_a_picture_too(tmp_path):
    array = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    write(array, tmp_path / "new.png")
    np.testing.assert_array_equal(read(tmp_path / "new.png").array(), array)
    with pytest.raises(ImageError, match="got list"):
        write([[1, 2]], tmp_path / "other.png")
