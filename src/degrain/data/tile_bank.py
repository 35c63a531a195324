"""Clean pictures as equal uint8 tiles on the training device, and random crops of them."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from degrain.data.draw import TorchDraw
from degrain.errors import TrainingError
from degrain.images.colour import LUMA
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale


class TileBank:
    """All training pixels, resident on one device.

    Args:
        pictures: clean pictures; gray ones are repeated to three channels.
        tile: side of the stored tiles, pixels; neighbours overlap so that each picture is covered to its edge.
            Pictures smaller than a tile are left out.
        device: where the tiles live and the crops are made.

    Raises:
        TrainingError: when no picture is large enough.
    """

    def __init__(self, pictures: Iterable[Picture], tile: int, device: torch.device) -> None:
        tiles = [cut for picture in pictures for cut in _tiles(picture, tile)]
        if not tiles:
            raise TrainingError(
                f"no training picture has both sides of {tile} pixels or more",
                hint="give larger pictures (source.root=FOLDER) or a smaller data.tile",
            )
        self.tiles = torch.from_numpy(np.stack(tiles)).to(device)  # (T, 3, tile, tile) uint8

    @property
    def pixels(self) -> int:
        """Pixels in all tiles, overlaps counted."""
        return self.tiles.shape[0] * self.tiles.shape[-1] ** 2

    def crops(self, side: int, draw: TorchDraw) -> Tensor:
        """Random crops, each flipped and turned one of eight ways: (N, 3, side, side) float32 in unit range."""
        room = self.tiles.shape[-1] - side + 1
        line = torch.arange(side, device=self.tiles.device)
        rows = _flipped(line, draw) + draw.integers(room)[:, None]  # (N, side)
        columns = _flipped(line, draw) + draw.integers(room)[:, None]
        which = draw.integers(len(self.tiles))[:, None, None, None]
        planes = torch.arange(3, device=self.tiles.device)[None, :, None, None]
        cut = self.tiles[which, planes, rows[:, None, :, None], columns[:, None, None, :]]
        turned = torch.where(draw.chance(0.5), cut.transpose(2, 3), cut)
        return turned.float() / 255


def luma(colour: Tensor) -> Tensor:
    """Full-range luma, (N, 3, H, W) -> (N, 1, H, W)."""
    weights = torch.tensor(LUMA, device=colour.device).view(1, 3, 1, 1)
    return (colour * weights).sum(1, keepdim=True)


def _flipped(line: Tensor, draw: TorchDraw) -> Tensor:
    return torch.where(draw.chance(0.5).view(-1, 1), line.flip(0), line)


def _tiles(picture: Picture, tile: int) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """The tiles that cover a picture, (3, tile, tile) uint8."""
    height, width = picture.height, picture.width
    if min(height, width) < tile:
        return
    pixels = PixelScale.of(np.uint8).to_stored(np.broadcast_to(picture.unit(), (3, height, width)))
    for top in _starts(height, tile):
        for left in _starts(width, tile):
            yield pixels[:, top : top + tile, left : left + tile].astype(np.uint8)


def _starts(length: int, tile: int) -> list[int]:
    count = -(-length // tile)
    return [round(k * (length - tile) / max(count - 1, 1)) for k in range(count)]
