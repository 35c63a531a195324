"""Pictures as equal tiles on the training device."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from degrain.data.crops import Places
from degrain.data.draw import TorchDraw
from degrain.errors import ImageError
from degrain.images.picture import Picture
from degrain.images.scale import EIGHT_BIT, Samples, Unit


class TileBank:
    """All training pixels, resident on one device, random crops of them.

    Args:
        pictures: clean ones, one at least, no side shorter than a tile; gray ones are repeated to three channels.
        tile: side of the stored tiles, pixels; neighbours overlap so that each picture is covered to its edge.
        device: where the tiles live and the crops are made.
    """

    def __init__(self, pictures: Iterable[Picture], tile: int, device: torch.device) -> None:
        tiles = [cut for picture in pictures for cut in tiles_of(_colour_bytes(picture), tile)]
        self.tiles = torch.from_numpy(np.stack(tiles)).to(device)  # (T, 3, tile, tile) uint8

    def places(self, side: int, draw: TorchDraw) -> Places:
        """Where the crops of a step lie."""
        return Places.draw(len(self.tiles), self.tiles.shape[-1], side, draw)

    def crops(self, side: int, draw: TorchDraw) -> Tensor:
        """Random crops, each flipped and turned one of eight ways: (N, 3, side, side) float32 in unit range."""
        return self.places(side, draw).cut(self.tiles)


def tiles_of(pixels: Samples | Unit, tile: int) -> Iterator[Samples]:
    """The tiles (C, tile, tile) that cover (C, H, W), no side of which is shorter."""
    height, width = pixels.shape[1:]
    for top in _starts(height, tile):
        for left in _starts(width, tile):
            yield pixels[:, top : top + tile, left : left + tile]


def check_large_enough(picture: Picture, tile: int) -> None:
    """Refuse a picture that no tile fits into. Raises ImageError."""
    if min(picture.height, picture.width) < tile:
        raise ImageError(
            f"{picture.source}: {picture.width}x{picture.height} pixels, and tiles have {tile}",
            hint="give larger pictures, or a smaller data.tile",
        )


def _colour_bytes(picture: Picture) -> Samples:
    """(3, H, W) uint8."""
    colour = np.broadcast_to(picture.unit(), (3, picture.height, picture.width))
    return EIGHT_BIT.to_stored(colour)


def _starts(length: int, tile: int) -> list[int]:
    count = -(-length // tile)
    return [round(k * (length - tile) / max(count - 1, 1)) for k in range(count)]
