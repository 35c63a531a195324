"""Every picture comes again, as JPEGs would have kept it."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from degrain.errors import ImageError
from degrain.sources.folder import Folder
from degrain.sources.with_jpegs import QUALITY, JpegItem, with_jpegs


def stripes(root: Path, count: int) -> None:
    """Columns in turn red and green, of one luma: what halved chroma cannot keep."""
    for number in range(count):
        pixels = np.zeros((32, 32, 3), np.uint8)
        pixels[:, ::2, 0], pixels[:, 1::2, 1] = 200, 102
        Image.fromarray(pixels).save(root / f"{number}.png")


def test_originals_and_copies_stand_together(tmp_path: Path) -> None:
    stripes(tmp_path, 3)
    keys = [item.key for item in with_jpegs(Folder(tmp_path).items(), 2)]
    assert keys[:3] == ["0.png", "0.png.as-jpeg1", "0.png.as-jpeg2"]
    assert len(keys) == 9


def test_nothing_is_added_unless_asked_for(tmp_path: Path) -> None:
    stripes(tmp_path, 3)
    items = Folder(tmp_path).items()
    assert with_jpegs(items, 0) == list(items)


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.full((8, 8), 2000, np.float32), r"a\.tif: values from 2000 to 2000"),
        (np.full((8, 8), np.nan, np.float32), r"a\.tif: 64 pixels are NaN"),
        (np.zeros((1, 65_501), np.uint8), r"a\.tif, as a JPEG: jpeg needs sides up to 65500"),
    ],
)
def test_what_no_jpeg_can_hold_is_named(tmp_path: Path, samples: np.ndarray, words: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", samples)
    (item,) = (item for item in with_jpegs(Folder(tmp_path).items(), 1) if isinstance(item, JpegItem))
    with pytest.raises(ImageError, match=words):
        item.load()


def test_chroma_is_halved_and_luma_stays(tmp_path: Path) -> None:
    stripes(tmp_path, 1)
    item = next(item for item in with_jpegs(Folder(tmp_path).items(), 1) if isinstance(item, JpegItem))
    assert item.quality in QUALITY
    whole, coded = (one.load().unit() for one in (item.whole, item))
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    luma = [np.tensordot(weights, one, 1) for one in (whole, coded)]
    assert np.abs(luma[0] - luma[1]).mean() < 0.03
    red = [np.abs(np.diff(one[0], axis=1)).mean() for one in (whole, coded)]
    assert red[1] < red[0] / 4
    assert np.array_equal(coded, item.load().unit())
