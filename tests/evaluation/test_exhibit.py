"""What is shown of one picture: which views, with which numbers, and whether the differences are what they say."""

import re

import numpy as np
import pytest

from degrain.errors import ImageError
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.exhibit import before_after, busiest, exhibit, to_panel
from degrain.images.panel import FRAME
from degrain.images.picture import Picture
from degrain.noise.table import parse
from degrain.spec import InputRule, ModelSpec

NOISE = parse("gaussian:sigma=10")


class Item:
    """A flat picture with a block of colour in it."""

    key = group = "made.png"

    def __init__(self, height=64, width=80):
        self.samples = np.full((height, width, 3), 128, np.uint8)
        self.samples[20:40, 30:50] = (200, 60, 90)

    def load(self):
        return Picture.of_array(self.samples)


class Darken:
    """Takes away the same from every pixel."""

    spec = ModelSpec("darken", {3: (0, 1, 2)}, 3, InputRule(), halo=0, wants_level=True)

    def __call__(self, tiles, level):
        return tiles - np.float32(5 / 255)


BENCHMARK = Benchmark({"darken": Darken()}, sigma=10)


def test_clean_noisy_and_models_with_their_numbers():
    shown = exhibit(BENCHMARK, Item().load(), "made.png", 0, NOISE, "gaussian:sigma=10")
    clean, noisy, model = shown.views
    assert [view.name for view in shown.views] == ["clean", "noisy", "darken"]
    np.testing.assert_array_equal(clean.picture.samples, Item().samples)
    assert clean.removed is None
    assert noisy.numbers == f"{shown.rows[0].values['psnr']:.2f} dB, SSIM {shown.rows[0].values['ssim']:.4f}"
    assert model.numbers == f"{shown.rows[1].values['psnr']:.2f} dB, SSIM {shown.rows[1].values['ssim']:.4f}"


def test_as_it_came():
    shown = exhibit(BENCHMARK, Item().load(), "made.png", 0, None)
    before, model = shown.views
    assert (before.name, before.numbers, before.removed) == ("input", "made.png", None)
    np.testing.assert_array_equal(before.picture.samples, Item().samples)
    assert model.numbers == "sigma given 10.0"
    assert [row.values for row in shown.rows] == [{}, {}]


def test_what_was_removed_is_shown_around_middle_gray_as_often_as_it_says():
    (_, model) = exhibit(BENCHMARK, Item().load(), "made.png", 0, None).views
    assert model.below == "removed 5.0, shown 1024x"  # the same everywhere: nothing to see, however much enlarged
    _, noisy, model = exhibit(BENCHMARK, Item().load(), "made.png", 0, NOISE).views
    assert (noisy.below, model.below) == ("noise, shown 4x", "removed 5.0, shown 4x")
    assert set(np.unique(model.removed.samples)) <= {147, 148}  # 127.5 + 4 * 5
    noise = noisy.picture.samples.astype(float) - Item().samples
    np.testing.assert_allclose(noisy.removed.samples, np.clip(127.5 + 4 * noise, 0, 255), atol=2.6)  # 4 * 0.5, rounded


def test_where_nothing_was_removed_the_caption_says_so():
    flat = Picture.of_array(np.full((64, 80, 3), 128, np.uint8))
    (_, model) = exhibit(Benchmark({"darken": Darken()}), flat, "flat.png", 0, None).views
    assert model.below == "nothing removed"


def test_12_bit_in_16_is_shown_brighter_and_says_so():
    item = Item()
    item.samples = item.samples.astype(np.uint16) * 16
    before, model = exhibit(BENCHMARK, item.load(), "made.png", 0, None).views
    assert before.numbers == "made.png\nshown 16x brighter"
    assert np.abs(before.picture.samples.astype(int) - Item().samples).max() <= 1
    assert before.picture.samples[0, 0, 0] - model.picture.samples[0, 0, 0] == 80


@pytest.mark.parametrize(
    ("dtype", "factor", "offset"), [("float32", 3000, 300), ("float32", 5, -3), ("int16", 900, -700)]
)
def test_what_counts_in_another_unit_is_stretched_and_says_so(dtype, factor, offset):
    unit = np.linspace(0, 1, 64 * 80).reshape(64, 80)
    picture = Picture.of_array((factor * unit + offset).astype(dtype))
    before, _ = exhibit(BENCHMARK, picture, "counts.npy", 0, None).views
    assert re.match(r"counts.npy\nblack at \S+, white at \S+$", before.numbers)
    assert np.abs(before.picture.samples[..., 0] - 255 * unit).max() < 14  # of a small picture few pixels are looked at
    assert len(np.unique(before_after(picture, picture).samples)) > 200


@pytest.mark.parametrize("size", [(1, 1), (20, 300), (64, 80), (2051, 90), (1500, 3001)])
def test_before_and_after_of_any_size_with_a_busy_detail_where_there_is_room(size):
    samples = np.full(size, 100, np.uint8)
    height, width = samples[size[0] // 2 :, size[1] // 3 :][:16, :16].shape
    squares = (np.indices((height, width)) // 4).sum(0) % 2
    samples[size[0] // 2 :, size[1] // 3 :][:16, :16] += (100 * squares).astype(np.uint8)
    sheet = before_after(Picture.of_array(samples), Picture.of_array(samples - 20)).samples
    assert (sheet == FRAME).all(2).any() == (min(size) >= 32)
    if min(size) >= 32:
        before, after = np.split(sheet[-180:], 2, axis=1)  # within the detail
        assert (before == 200).all(2).sum() == (after == 180).all(2).sum() > 0


def test_before_and_after_of_12_bit_in_16_are_brightened_alike():
    noisy, clean = (Picture.of_array(np.full((64, 80), value, np.uint16)) for value in (1000, 2000))
    before, after = np.split(before_after(noisy, clean).samples[-180:], 2, axis=1)
    assert (before == round(32 * 1000 / 257)).all(2).sum() == (after == round(32 * 2000 / 257)).all(2).sum() > 0


def test_more_metrics_take_more_lines():
    measured = Benchmark({}, metrics=["ssim", "ciede2000"])
    (_, noisy) = exhibit(measured, Item().load(), "made.png", 0, NOISE).views
    assert [len(line.split(", ")) for line in noisy.numbers.splitlines()] == [2, 1]


def test_same_noise_as_the_benchmark_and_other_with_another_index():
    rows = BENCHMARK.run([Item()], {"g": NOISE})
    shown, other = (exhibit(BENCHMARK, Item().load(), "made.png", index, NOISE, "g") for index in (0, 1))
    assert [row.values for row in shown.rows] == [row.values for row in rows]
    assert other.rows[0].values != rows[0].values


def test_the_busiest_place_is_shown_large_unless_another_is_named():
    found = exhibit(BENCHMARK, Item().load(), "made.png", 0, NOISE).crop
    assert found[0] <= 25 <= found[0] + found[2]
    assert exhibit(BENCHMARK, Item().load(), "made.png", 0, NOISE, crop=(1, 2, 3, 4)).crop == (1, 2, 3, 4)


@pytest.mark.parametrize("size", [(32, 32), (33, 200), (500, 300)])
@pytest.mark.parametrize("place", [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_busiest_finds_a_checkerboard_and_stays_inside(size, place):
    unit = np.zeros((1, *size), np.float32)
    top, left = (round(share * (side - 16)) for share, side in zip(place, size, strict=True))
    unit[0, top : top + 16, left : left + 16] = np.indices((16, 16)).sum(0) % 2
    row, column, height, width = busiest(unit)
    assert 0 <= row <= row + height <= size[0]
    assert 0 <= column <= column + width <= size[1]
    assert row - 16 < top < row + height
    assert column - 16 < left < column + width


def test_tiny_pictures_have_no_detail():
    assert busiest(np.zeros((1, 31, 100), np.float32)) is None


def test_a_crop_outside_is_refused_before_any_model_runs(monkeypatch):
    monkeypatch.setattr(Darken, "__call__", lambda *_: pytest.fail("worked in vain"))
    with pytest.raises(ImageError, match="crop"):
        exhibit(BENCHMARK, Item().load(), "made.png", 0, NOISE, crop=(60, 0, 5, 5))


@pytest.mark.parametrize("noise", [NOISE, None])
def test_the_panel_has_a_column_for_each_view(noise):
    shown = exhibit(BENCHMARK, Item().load(), "made.png", 0, noise)
    sheet = to_panel(shown)
    assert sheet.samples.dtype == np.uint8
    assert sheet.width == 12 + len(shown.views) * (320 + 12)  # 64 pixels are shown as 256
    assert sheet.height > 2 * (256 + 320)
