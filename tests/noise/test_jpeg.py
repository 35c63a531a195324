import io

import numpy as np
import pytest
from PIL import Image

from degrain.errors import ImageError
from degrain.noise.base import Range
from degrain.noise.jpeg import Jpeg


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("quality", [5, 50, 95])
def test_it_is_what_pillow_makes_of_it(lane, one_by_one, channels, quality):
    noisy = np.asarray(Jpeg(quality).apply(lane.smooth(channels=channels), lane.draw()))
    eight = np.rint(255 * one_by_one.smooth(channels=channels)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(eight.transpose(1, 2, 0).squeeze()).save(file, "JPEG", quality=quality)
    expected = np.asarray(Image.open(file)).reshape(40, 40, channels).transpose(2, 0, 1) / 255
    np.testing.assert_allclose(noisy, np.broadcast_to(expected, noisy.shape), atol=1e-6)


def test_planes_of_neither_gray_nor_colour_go_one_by_one(one_by_one):
    clean = one_by_one.smooth(channels=4)
    noisy = Jpeg(20).apply(clean, one_by_one.draw())
    for plane, alone in zip(noisy, clean, strict=True):
        np.testing.assert_array_equal(plane[np.newaxis], Jpeg(20).apply(alone[np.newaxis], one_by_one.draw()))


def test_each_picture_has_its_own_quality(batches):
    clean = batches.smooth()
    pinned = Jpeg(Range(5, 95)).pin(batches.draw())
    errors = (pinned.apply(clean, batches.draw()) - clean).square().mean((1, 2, 3))
    assert errors.argsort(descending=True).tolist() == pinned.quality.flatten().argsort().tolist()


def test_what_lies_outside_is_clipped(lane):
    noisy = np.asarray(Jpeg(95).apply(lane.flat(1.5), lane.draw()))
    assert (noisy == 1).all()


def test_sides_beyond_its_limit_are_refused(one_by_one):
    with pytest.raises(ImageError, match="65500"):
        Jpeg().apply(np.zeros((1, 1, 65_501), np.float32), one_by_one.draw())
