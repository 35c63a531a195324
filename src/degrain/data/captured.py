"""Noisy shots as they were captured: several of a scene, with their own noise, and its clean picture if any."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor

from degrain.data.crops import Crops, Places
from degrain.data.draw import TorchDraw
from degrain.data.shots import Keys, only, two_of
from degrain.data.tile_bank import check_large_enough, tiles_of
from degrain.errors import ImageError
from degrain.images.colour import luma
from degrain.images.finite import check_finite
from degrain.images.picture import Picture
from degrain.images.scale import EIGHT_BIT, Samples
from degrain.objectives.batch import Batch
from degrain.sources.base import Scene
from degrain.sources.readable import readable


class Captured:
    """The shots that a source has, with their own noise; two different ones of a scene make a pair.

    Their level is not told: nobody knows it. 8-bit captures are kept as they are and all others as float32, so that
    nothing is rounded or clipped that the file does not clip. Gray scenes stay gray unless there are coloured ones too.

    Args:
        scenes: not yet opened; those with a picture that cannot be read, or of another size than the others, or
            smaller than a tile, are left out and listed.
        tile: side of the stored tiles, pixels.
        device: where the tiles live.

    Raises:
        TrainingError: no scene can be used.
    """

    def __init__(self, scenes: Sequence[Scene], tile: int, device: torch.device) -> None:
        shots: list[list[Samples]] = []  # for each place in each scene, its tile in every shot
        clean: list[Samples] = []
        for scene, pictures in readable(scenes, lambda scene: (scene, _aligned(scene, tile))):
            stacks = [list(tiles) for tiles in zip(*(tiles_of(pixels, tile) for pixels in pictures), strict=True)]
            shots += [stack[: len(scene.shots)] for stack in stacks]
            clean += [last for *_, last in stacks if scene.clean]
        counts = [len(stack) for stack in shots]
        self.shots = _stacked([cut for stack in shots for cut in stack]).to(device)  # (K, C, tile, tile)
        self.count = torch.tensor(counts, device=device)  # (T,) shots of each tile
        self.first = torch.tensor(np.cumsum([0, *counts[:-1]]), device=device)  # (T,) where they begin
        self.clean = _stacked(clean).to(device) if len(clean) == len(shots) else None  # (T, C, tile, tile)

    def batch(self, crops: Crops, draw: TorchDraw, needs: Keys) -> Batch:
        """The crops of one step."""
        places = Places.draw(len(self.count), self.shots.shape[-1], crops.side, draw)
        gray = bool(draw.chance(crops.gray)[0])
        pair = two_of(self.count[places.which], draw)
        batch = self._cut(places, *pair)
        return only(needs, _gray(batch) if gray else batch)

    def held_out(self, most: int) -> Iterator[Batch]:
        """Whole tiles, first shot and second, about ``most`` of them: in colour, if they have any, then in gray."""
        side = self.shots.shape[-1]
        which = torch.arange(0, len(self.count), max(1, len(self.count) // most), device=self.count.device)
        line = torch.arange(side, device=which.device).expand(len(which), side)
        whole = Places(which, line, line, torch.zeros(len(which), 1, 1, 1, dtype=torch.bool, device=which.device))
        one = torch.zeros_like(which)
        batch = self._cut(whole, one, (one + 1) % self.count[which])
        if self.shots.shape[1] == 3:
            yield batch
        yield _gray(batch)

    def _cut(self, places: Places, one: Tensor, other: Tensor) -> Batch:
        """Everything there is at these places: two shots, and the clean picture where all scenes have one."""
        start = self.first[places.which]
        noisy, second = (places.at(start + shot).cut(self.shots) for shot in (one, other))
        batch: Batch = {"noisy": noisy, "second": second, "level": torch.zeros_like(noisy[:, :1])}
        if self.clean is not None:
            batch["clean"] = places.cut(self.clean)
        return batch


def _aligned(scene: Scene, tile: int) -> list[Samples]:
    """The shots of a scene, then its clean picture, (C, H, W) each. Raises ImageError."""
    pictures = [item.load() for item in (*scene.shots, scene.clean) if item is not None]
    shapes = {picture.samples.shape for picture in pictures}
    if len(shapes) > 1:
        found = " and ".join(f"{width}x{height}x{channels}" for height, width, channels in sorted(shapes))
        raise ImageError(f"the pictures of the scene {scene.key!r} must have one size and kind, got {found}")
    check_large_enough(pictures[0], tile)
    return [_plain(picture) for picture in pictures]


def _gray(batch: Batch) -> Batch:
    return cast(Batch, {key: luma(value) for key, value in batch.items()})


def _plain(picture: Picture) -> Samples:
    """(C, H, W): uint8 as stored, all else in unit range."""
    check_finite(picture)
    if picture.scale == EIGHT_BIT:
        return picture.samples.transpose(2, 0, 1)
    return picture.unit()


def _stacked(tiles: Sequence[Samples]) -> Tensor:
    """Tiles of one kind: three channels if any has them, uint8 if all are."""
    channels = max(len(cut) for cut in tiles)
    exact = all(cut.dtype == np.uint8 for cut in tiles)
    alike = [cut if exact or cut.dtype != np.uint8 else EIGHT_BIT.to_unit(cut) for cut in tiles]
    return torch.from_numpy(np.stack([np.broadcast_to(cut, (channels, *cut.shape[1:])) for cut in alike]))
