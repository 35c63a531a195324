import numpy as np
import pytest
import torch

from degrain.data.draw import TorchDraw
from degrain.data.tile_bank import TileBank, check_large_enough
from degrain.errors import ImageError
from degrain.images.colour import luma
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale

CPU = torch.device("cpu")


def picture(height: int, width: int, channels: int = 3) -> Picture:
    samples = np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Picture(samples, PixelScale.of(np.uint8))


def draw(step: int, batch: int = 16) -> TorchDraw:
    return TorchDraw.of_step(seed=0, step=step, batch=batch, device=CPU)


def test_tiles_cover_every_pixel_of_an_odd_picture() -> None:
    ramp = np.arange(50 * 70).reshape(50, 70, 1)
    scale = PixelScale("uint16", 0, 255)  # so that the ramp's values survive the way into uint8 tiles, modulo nothing
    low, high = ramp % 256, ramp // 256
    seen = set()
    banks = [TileBank([Picture(half.astype(np.uint16), scale)], 32, CPU).tiles[:, 0] for half in (low, high)]
    for a, b in zip(banks[0].flatten().tolist(), banks[1].flatten().tolist(), strict=True):
        seen.add(256 * b + a)
    assert seen == set(range(50 * 70))


def test_every_crop_is_one_of_the_eight_views_of_a_place() -> None:
    bank = TileBank([picture(20, 20)], 20, CPU)
    tile = bank.tiles[0].float() / 255
    views = [torch.rot90(base, turns, (1, 2)) for base in (tile, tile.flip(2)) for turns in range(4)]
    places = [view[:, top : top + 16, left : left + 16] for view in views for top in range(5) for left in range(5)]
    for crop in bank.crops(16, draw(0)):
        assert any(torch.equal(crop, place) for place in places)


def test_all_eight_views_turn_up() -> None:
    bank = TileBank([picture(16, 16)], 16, CPU)
    crops = bank.crops(16, draw(0, batch=200))
    assert len({crop.numpy().tobytes() for crop in crops}) == 8


def test_a_step_draws_the_same_batch_again_and_another_step_another() -> None:
    bank = TileBank([picture(64, 64)], 64, CPU)
    assert torch.equal(bank.crops(16, draw(7)), bank.crops(16, draw(7)))
    assert not torch.equal(bank.crops(16, draw(7)), bank.crops(16, draw(8)))


def test_gray_pictures_become_three_equal_channels() -> None:
    tiles = TileBank([picture(16, 16, channels=1)], 16, CPU).tiles
    assert torch.equal(tiles[:, 0], tiles[:, 2])


def test_luma_of_white_is_white() -> None:
    assert torch.allclose(luma(torch.ones(1, 3, 2, 2)), torch.ones(1, 1, 2, 2))


def test_a_picture_too_small_for_a_tile_is_named() -> None:
    with pytest.raises(ImageError, match="99x31 pixels, and tiles have 32"):
        check_large_enough(picture(31, 99), 32)
