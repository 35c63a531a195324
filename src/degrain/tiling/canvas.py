"""Joining tiles: each gives its core, the halo is dropped."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from degrain.tiling.plan import Box

Samples = npt.NDArray[np.generic]
Tile = npt.NDArray[np.float32]


class Canvas:
    """A picture that is filled tile by tile, in its stored type from the start: no second copy in float.

    Args:
        like: the picture (H, W, C) whose shape and type the result has.
        to_stored: unit range -> stored samples.
    """

    def __init__(self, like: Samples, to_stored: Callable[[Tile], Samples]) -> None:
        self.samples = np.empty_like(like, order="C")
        self._to_stored = to_stored

    def add(self, box: Box, tile: Tile) -> None:
        """Put down the core of a tile (C, h, w), unit range."""
        rows, columns = box.core
        core = tile[:, rows.start - box.top : rows.stop - box.top, columns.start - box.left : columns.stop - box.left]
        self.samples[box.core] = self._to_stored(core.transpose(1, 2, 0))
