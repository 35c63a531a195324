"""Joining tiles: each gives its core, the halo is dropped; overlapping cores are faded into each other."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from degrain.tiling.plan import Box

Samples = npt.NDArray[np.generic]
Tile = npt.NDArray[np.float32]
Shape = tuple[int, ...]

_STRIP = 64  # rows


class Canvas:
    """A picture that is filled tile by tile, in its stored type from the start: no second copy in float.

    Args:
        shape: of the picture, (H, W, C).
        dtype: of its samples, as stored.
        to_stored: unit range -> stored samples.
    """

    def __init__(self, shape: Shape, dtype: npt.DTypeLike, to_stored: Callable[[Tile], Samples]) -> None:
        self._samples: Samples = np.empty(shape, dtype)
        self._to_stored = to_stored

    def add(self, box: Box, tile: Tile) -> None:
        """Put down the core of a tile (C, h, w), unit range."""
        self._samples[box.core] = self._to_stored(core_of(box, tile))

    def finish(self) -> Samples:
        """The filled picture."""
        return self._samples


class BlendedCanvas:
    """A picture of overlapping cores: where they share pixels, one fades out as the other fades in.

    It gathers sums in float32, 4 bytes for each sample and each pixel, beside the result.

    Args:
        shape, dtype, to_stored: as for ``Canvas``.
        blend: pixels over which a core fades towards a side where it has a neighbour.
    """

    def __init__(self, shape: Shape, dtype: npt.DTypeLike, to_stored: Callable[[Tile], Samples], blend: int) -> None:
        self._samples: Samples = np.empty(shape, dtype)
        self._sum: Tile = np.zeros(shape, np.float32)
        self._weight = np.zeros((*shape[:2], 1), np.float32)
        self._to_stored, self._blend = to_stored, blend

    def add(self, box: Box, tile: Tile) -> None:
        """Lay the core of a tile (C, h, w), unit range, over what is there."""
        height, width = self._sum.shape[:2]
        weight = np.outer(self._fade(box.core[0], height), self._fade(box.core[1], width))[..., np.newaxis]
        self._sum[box.core] += weight * core_of(box, tile)
        self._weight[box.core] += weight

    def finish(self) -> Samples:
        """The weighted mean, in the picture's stored type."""
        for top in range(0, len(self._sum), _STRIP):
            rows = slice(top, top + _STRIP)
            mean = np.divide(self._sum[rows], self._weight[rows], out=self._sum[rows])
            self._samples[rows] = self._to_stored(mean)
        return self._samples

    def _fade(self, core: slice, length: int) -> Tile:
        """Weights along one side of a core: 1, falling linearly but never to 0 where a neighbour takes over."""
        position = np.arange(core.stop - core.start, dtype=np.float32) + 1
        rise = position if core.start > 0 else np.inf
        fall = position[::-1] if core.stop < length else np.inf
        weights: Tile = np.clip(np.minimum(rise, fall) / np.float32(self._blend + 1), 0, 1).astype(np.float32)
        return np.broadcast_to(weights, position.shape)


def core_of(box: Box, tile: Tile) -> Tile:
    """The core (h, w, C) of a tile (C, h, w)."""
    rows, columns = box.core
    top, left = box.top, box.left
    return tile[:, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left].transpose(1, 2, 0)
