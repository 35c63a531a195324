"""Reducing keeps what a lens would keep, and nothing that is not there."""

import numpy as np
import pytest
from PIL import Image

from degrain.images.picture import Picture
from degrain.images.reduce import reduced


def picture(height: int, width: int, channels: int = 3, dtype: str = "uint8") -> Picture:
    rng = np.random.default_rng(0)
    return Picture.of_array(rng.integers(0, np.iinfo(dtype).max, (height, width, channels), dtype=dtype, endpoint=True))


@pytest.mark.parametrize(
    ("height", "width", "side", "expected"),
    [
        (32, 32, 28, (28, 28)),
        (100, 150, 50, (50, 75)),
        (151, 100, 50, (76, 50)),
        (20, 90, 20, (20, 90)),
        (9, 9, 50, (9, 9)),
    ],
)
def test_the_shorter_side_is_reduced_and_never_enlarged(height: int, width: int, side: int, expected) -> None:
    small = reduced(picture(height, width), side)
    assert (small.height, small.width) == expected


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_kind_and_mean_stay(dtype: str, channels: int) -> None:
    whole = picture(64, 96, channels, dtype)
    small = reduced(whole, 16)
    assert (small.samples.dtype, small.channels, small.scale) == (whole.samples.dtype, channels, whole.scale)
    assert small.unit().mean((1, 2)) == pytest.approx(whole.unit().mean((1, 2)), abs=0.01)


def test_it_agrees_with_pillow_on_8_bit() -> None:
    whole = Picture.of_array(picture(64, 96).samples // 4 + 96)  # away from the ends, where Pillow clips in between
    pillow = np.asarray(Image.fromarray(whole.samples).resize((48, 32), Image.Resampling.LANCZOS), np.int16)
    assert np.abs(reduced(whole, 32).samples - pillow).max() <= 1


def test_white_noise_becomes_weaker() -> None:
    whole = Picture.of_array(np.random.default_rng(0).normal(0.5, 0.1, (128, 128)).astype(np.float32))
    assert reduced(whole, 32).unit().std() < 0.1 / 3
