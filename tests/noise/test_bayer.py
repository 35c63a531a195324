"""The mosaic, against the filters as they are printed."""

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate

from degrain.noise.bayer import REACH, Bayer

PHASES = [Bayer(row, column) for row in (0, 1) for column in (0, 1)]
MALVAR = {  # eighths, as figure 2 of the paper has them
    "green": [[0, 0, -1, 0, 0], [0, 0, 2, 0, 0], [-1, 2, 4, 2, -1], [0, 0, 2, 0, 0], [0, 0, -1, 0, 0]],
    "beside": [[0, 0, 0.5, 0, 0], [0, -1, 0, -1, 0], [-1, 4, 5, 4, -1], [0, -1, 0, -1, 0], [0, 0, 0.5, 0, 0]],
    "corner": [[0, 0, -1.5, 0, 0], [0, 2, 0, 2, 0], [-1.5, 0, 6, 0, -1.5], [0, 2, 0, 2, 0], [0, 0, -1.5, 0, 0]],
}
BILINEAR = {
    "green": [[0, 2, 0], [2, 0, 2], [0, 2, 0]],
    "beside": [[0, 0, 0], [4, 0, 4], [0, 0, 0]],
    "corner": [[2, 0, 2], [0, 0, 0], [2, 0, 2]],
}
phases = pytest.mark.parametrize("bayer", PHASES, ids=str)


def sites(bayer: Bayer, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Where red and where blue is measured."""
    rows, columns = (np.arange(length) % 2 for length in shape)
    red = np.outer(rows == bayer.row, columns == bayer.column)
    blue = np.outer(rows != bayer.row, columns != bayer.column)
    return red, blue


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, dtype=np.float32)


@phases
def test_each_site_sees_its_colour(bayer):
    picture = random(3, 7, 9)
    red, blue = sites(bayer, (7, 9))
    expected = np.where(red, picture[0], np.where(blue, picture[2], picture[1]))
    np.testing.assert_array_equal(bayer.mosaic(picture)[0], expected)
    gains = np.where(red, 2, np.where(blue, 3, 1))
    np.testing.assert_allclose(bayer.balanced(bayer.mosaic(picture), 2, 3)[0], expected * gains, rtol=1e-6)


@phases
@pytest.mark.parametrize(("gradient", "filters"), [(0, BILINEAR), (1, MALVAR)])
def test_missing_colours_come_from_the_published_filters(bayer, gradient, filters):
    raw = random(1, 14, 15)
    red, blue = sites(bayer, (14, 15))
    green = ~(red | blue)
    red_row = (np.arange(14) % 2 == bayer.row)[:, np.newaxis]
    cross, corner = (correlate(raw[0], np.array(filters[name]) / 8) for name in ("green", "corner"))
    beside = correlate(raw[0], np.array(filters["beside"]) / 8)
    above = correlate(raw[0], np.array(filters["beside"]).T / 8)
    expected = [
        np.select([red, blue, red_row], [raw[0], corner, beside], above),
        np.where(green, raw[0], cross),
        np.select([blue, red, red_row], [raw[0], corner, above], beside),
    ]
    inside = slice(REACH, -REACH)
    planes = bayer.demosaicked(raw, gradient)
    np.testing.assert_allclose(planes, np.stack(expected)[:, inside, inside], atol=1e-6)


@phases
@pytest.mark.parametrize("gradient", [0, 0.5, 1])
def test_a_gray_ramp_comes_back(bayer, gradient):
    ramp = np.broadcast_to(np.add.outer(np.arange(12), 2 * np.arange(13)), (3, 12, 13)).astype(np.float32)
    planes = bayer.demosaicked(bayer.mosaic(ramp), gradient)
    np.testing.assert_allclose(planes, ramp[:, REACH:-REACH, REACH:-REACH], rtol=1e-6)


def test_torch_gets_the_same():
    picture, bayer = random(5, 3, 12, 12), Bayer(1, 0)
    here = bayer.demosaicked(bayer.balanced(bayer.mosaic(picture), 2, 3), 0.7)
    there = bayer.demosaicked(bayer.balanced(bayer.mosaic(torch.from_numpy(picture)), 2, 3), 0.7)
    np.testing.assert_allclose(there.numpy(), here, atol=1e-6)
