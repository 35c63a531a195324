"""Panels: sizes, pixels, captions; how they look is judged by eye."""

import numpy as np
import pytest

from degrain.errors import ImageError
from degrain.images.panel import FRAME, overview, panel, stacked
from degrain.images.picture import Picture


def flat(height: int, width: int, value: float, dtype: str = "uint8") -> Picture:
    return Picture.of_array(np.full((height, width, 3), value, dtype))


def test_pictures_stand_side_by_side_at_one_height():
    sheet = panel([("a", flat(300, 200, 10)), ("b", flat(150, 200, 200))], gap=10)
    assert sheet.samples.dtype == np.uint8
    assert sheet.width == 10 + 200 + 10 + 400 + 10
    rows = (sheet.samples[:, 110] == 10).all(1)
    assert rows.sum() == 300
    assert ((sheet.samples[:, 400] == 200).all(1) == rows).all()


def test_large_pictures_are_reduced():
    sheet = panel([("a", flat(2000, 3000, 10)), ("b", flat(2000, 3000, 20))], max_width=900)
    assert 880 <= sheet.width <= 900


def test_small_pictures_are_enlarged_pixel_by_pixel():
    checks = np.indices((16, 16)).sum(0).astype(np.uint8) % 2 * 255
    sheet = panel([("checks", Picture.of_array(checks))], gap=0)
    whole = sheet.samples[-240:]
    np.testing.assert_array_equal(whole[..., 0], np.kron(checks, np.ones((15, 15), np.uint8)))


def test_the_detail_is_shown_pixel_by_pixel_and_framed():
    array = np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8)
    sheet = panel([("a", Picture.of_array(array))], crop=(50, 60, 75, 100), gap=8)
    detail = sheet.samples[-8 - 300 : -8, 8:-8, 0]
    np.testing.assert_array_equal(detail, np.kron(array[50:125, 60:160], np.ones((4, 4), np.uint8)))
    assert (sheet.samples == FRAME).all(2).any()


@pytest.mark.parametrize("dtype", ["bool", "uint16", "int16", "float32", "float64"])
def test_any_kind_of_picture(dtype):
    array = np.zeros((250, 250), dtype)
    array[100:] = PEAK[dtype]
    sheet = panel([("a", Picture.of_array(array))], gap=0)
    assert sheet.samples[-1, 0].tolist() == [255, 255, 255]


PEAK = {"bool": True, "uint16": 65535, "int16": 32767, "float32": np.inf, "float64": 7.5}


def test_captions_are_there_and_never_overlap():
    blank = flat(240, 240, 255)
    sheet = panel([("m" * 200, blank), ("", blank)], gap=10)
    ink = (sheet.samples < 200).any((0, 2))
    assert ink[10:250].any()
    assert not ink[250:].any()


def test_a_narrow_picture_stands_in_the_middle_of_a_column_that_its_caption_fits_in():
    narrow, wide = (panel([("sigma measured 24.6", flat(1200, width, 250))], gap=10) for width in (60, 192))
    assert narrow.width == wide.width == 10 + 192 + 10
    np.testing.assert_array_equal(narrow.samples[:-1210], wide.samples[:-1210])
    (columns,) = np.nonzero((narrow.samples[-20] == 250).all(1))
    assert (columns.min(), columns.max()) == (10 + 66, 10 + 66 + 59)


def test_a_detail_is_not_blown_up_without_end():
    array = np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8)
    sheet = panel([("a", Picture.of_array(array))], crop=(50, 60, 10, 10), gap=8).samples[..., 0]
    detail = np.kron(array[50:60, 60:70], np.ones((12, 12), np.uint8))
    np.testing.assert_array_equal(sheet[-8 - 120 : -8, 8 + 140 : 8 + 260], detail)


def test_a_second_row_of_pictures_under_the_first():
    above, below = [("a", flat(240, 240, 10)), ("b", flat(240, 240, 20))], [None, ("c", flat(240, 240, 30))]
    sheet = panel(above, below=below, gap=10).samples[..., 0]
    assert (
        (sheet[:, 10:250] == 10).sum() == (sheet[:, 260:500] == 20).sum() == (sheet[:, 260:500] == 30).sum() == 240**2
    )
    assert not (sheet[:, 10:250] == 30).any()
    assert (sheet[-250:, :250] == 255).all()  # nothing there


def test_the_second_row_has_its_detail_too():
    one = Picture.of_array(np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8))
    two = Picture.of_array(np.random.default_rng(1).integers(0, 256, (300, 400), dtype=np.uint8))
    sheet = panel([("a", one)], below=[("b", two)], crop=(50, 60, 75, 100), gap=8).samples
    detail = np.kron(two.samples[50:125, 60:160, 0], np.ones((4, 4), np.uint8))
    np.testing.assert_array_equal(sheet[-8 - 300 : -8, 8:-8, 0], detail)


def test_captions_of_several_lines_take_their_room():
    heights = [panel([(caption, flat(240, 240, 0))]).height for caption in ("a", "a\nb", "a\nb\nc")]
    assert heights[2] - heights[1] == heights[1] - heights[0] >= 14


def test_panels_one_above_the_other():
    sheet = stacked([flat(10, 30, 1), flat(20, 50, 2)]).samples[..., 0]
    assert sheet.shape == (30, 50)
    assert (sheet[:10, :30] == 1).all()
    assert (sheet[:10, 30:] == 255).all()
    assert (sheet[10:] == 2).all()


@pytest.mark.parametrize(("size", "longest", "expected"), [((300, 600), 200, (100, 200)), ((30, 40), 200, (30, 40))])
def test_an_overview_is_reduced_and_never_enlarged(size, longest, expected):
    shown = overview(flat(*size, 10), longest, crop=(5, 5, 10, 10))
    assert (shown.height, shown.width) == expected
    assert (shown.samples == FRAME).all(2).any()


@pytest.mark.parametrize("crop", [(-1, 0, 5, 5), (0, 0, 0, 5), (0, 0, 301, 5), (0, 396, 5, 5)])
def test_a_crop_outside_is_refused(crop):
    with pytest.raises(ImageError, match="crop"):
        panel([("a", flat(300, 400, 0))], crop=crop)


def test_no_columns():
    with pytest.raises(ImageError, match="at least one"):
        panel([])
