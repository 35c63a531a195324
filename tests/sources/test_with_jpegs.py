"""Every picture comes again, as JPEGs would have kept it."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.errors import TrainingError
from degrain.sources.folder import Folder
from degrain.sources.split import Split
from degrain.sources.with_jpegs import QUALITY, JpegItem, WithJpegs


def stripes(root: Path, count: int) -> None:
    """Columns in turn red and green, of one luma: what halved chroma cannot keep."""
    for number in range(count):
        pixels = np.zeros((32, 32, 3), np.uint8)
        pixels[:, ::2, 0], pixels[:, 1::2, 1] = 200, 102
        Image.fromarray(pixels).save(root / f"{number}.png")


def test_all_of_a_picture_is_on_one_side(tmp_path: Path) -> None:
    stripes(tmp_path, 20)
    split = Split(WithJpegs(Folder(tmp_path), copies=3), valid=0.4)
    for side in ("train", "valid"):
        keys = {item.key for item in split.sides[side]}
        plain = {key for key in keys if "as-jpeg" not in key}
        assert plain
        assert keys == plain | {f"{key}.as-jpeg{number}" for key in plain for number in (1, 2, 3)}


@pytest.mark.parametrize("copies", [-1, 0.5, None])
def test_a_number_that_is_none_is_named(tmp_path: Path, copies: object) -> None:
    with pytest.raises(TrainingError, match=r"source.jpegs .* got " + re.escape(repr(copies))):
        WithJpegs(Folder(tmp_path), copies)  # type: ignore[arg-type]


def test_chroma_is_halved_and_luma_stays(tmp_path: Path) -> None:
    stripes(tmp_path, 1)
    item = next(item for item in WithJpegs(Folder(tmp_path)).items() if isinstance(item, JpegItem))
    assert item.quality in QUALITY
    whole, coded = (one.load().unit() for one in (item.whole, item))
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    luma = [np.tensordot(weights, one, 1) for one in (whole, coded)]
    assert np.abs(luma[0] - luma[1]).mean() < 0.03
    red = [np.abs(np.diff(one[0], axis=1)).mean() for one in (whole, coded)]
    assert red[1] < red[0] / 4
    assert np.array_equal(coded, item.load().unit())
