"""The only place where pictures meet networks: cut into tiles, clean them, join what is kept."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from degrain.denoisers.base import Denoiser
from degrain.errors import ImageError, ModelError, NoiseError
from degrain.images.finite import check_finite
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale, Unit
from degrain.inference.checks import check_output, check_strength
from degrain.inference.fit import Clean, fit_channels, fit_size
from degrain.noise.level import BLIND, NoiseLevel
from degrain.tiling.canvas import BlendedCanvas, Canvas
from degrain.tiling.cut import cut
from degrain.tiling.plan import Box, TilePlan

log = logging.getLogger("degrain")

OnTile = Callable[[int, int], None]  # tiles done, tiles in all
DEFAULT_TILE = 1536  # pixels: more would gain little and take more memory, see docs/speed.md


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass
class Engine:
    """Runs a denoiser over pictures of any size. One picture at a time.

    Attributes:
        denoiser: what cleans the tiles.
        tile: longest side of a tile in pixels, halo included.
        batch: tiles that go through the denoiser together. When memory runs out, first ``batch`` and then ``tile``
            are halved, for this picture and those that follow.
    """

    denoiser: Denoiser
    tile: int = DEFAULT_TILE
    batch: int = 1

    def __post_init__(self) -> None:
        if not all(isinstance(number, int) and number >= 1 for number in (self.tile, self.batch)):
            raise ModelError(f"tile and batch are whole numbers from 1 on, got {self.tile!r} and {self.batch!r}")

    def denoise(
        self,
        picture: Picture,
        level: NoiseLevel = BLIND,
        strength: float = 1.0,
        on_tile: OnTile = quiet,
        scale: PixelScale | None = None,
    ) -> Picture:
        """Denoise a picture; its kind, size and all that it keeps stay.

        Args:
            picture: of any size from 1x1.
            level: the noise it carries, for models that want to know.
            strength: 0 gives the same samples back, up to 1 blends from the picture to the model's answer, up to 2
                tells the model of more noise than there is (needs a known level).
            on_tile: called after each batch with the tiles done and their number; starts again from the first tile
                when memory ran out.
            scale: how the result stores its samples; None as the picture does.

        Raises:
            ImageError: NaN or infinite pixels, or no memory for as many again.
            ModelError: the model does not fit the picture, the strength or the memory, or answers with NaN.
        """
        if not isinstance(level, NoiseLevel) or np.ndim(level.sigma) or np.ndim(level.gain):
            raise NoiseError(
                f"a level is a NoiseLevel of plain numbers, got {level!r}",
                hint="as in NoiseLevel(25), or ask degrain.denoise",
            )
        check_finite(picture)
        spec = self.denoiser.spec
        check_strength(strength, level, spec)
        if strength == 0 and scale in (None, picture.scale):
            return picture
        fitted = fit_size(fit_channels(self.denoiser, picture.channels, gray=picture.is_gray), spec.input)
        run = _with_strength(fitted, level, strength)
        return self._within_memory(picture, run, on_tile, scale or picture.scale)

    def _within_memory(
        self, picture: Picture, clean: Callable[[Unit], Unit], on_tile: OnTile, scale: PixelScale
    ) -> Picture:
        """Run with ever smaller tiles, each time from the start, until they fit; say so once."""
        wanted = (self.tile, self.batch)
        while True:
            plan = self._plan(picture, self.tile)
            try:
                result = self._run(picture, plan, clean, on_tile, scale)
                break
            except MemoryError as error:
                self._shrink(picture, plan, error)
        if (self.tile, self.batch) != wanted:
            log.warning("memory ran out: went on with tiles of %d pixels, %d at a time", self.tile, self.batch)
        return result

    def _plan(self, picture: Picture, tile: int) -> TilePlan:
        spec = self.denoiser.spec
        return TilePlan.cover(picture.height, picture.width, spec.input, tile, spec.halo)

    def _run(
        self, picture: Picture, plan: TilePlan, clean: Callable[[Unit], Unit], on_tile: OnTile, scale: PixelScale
    ) -> Picture:
        canvas = _canvas(picture, self.denoiser.spec.input.blend, scale)
        done = 0
        for boxes in _batches(plan, self.batch):
            tiles = clean(_read(picture, boxes))
            check_output(tiles, self.denoiser.spec)
            for box, tile in zip(boxes, tiles, strict=True):
                canvas.add(box, tile)
            done += len(boxes)
            on_tile(done, len(plan))
        return replace(picture, samples=canvas.finish(), scale=scale)

    def _shrink(self, picture: Picture, plan: TilePlan, error: MemoryError) -> None:
        """Halve the batch, then the tile; refuse when the model takes no smaller one."""
        together = min(self.batch, len(plan))
        if together > 1:
            self.batch = together // 2
        elif plan != self._plan(picture, tile=1):
            self.tile = max(plan.box_height, plan.box_width) // 2
        else:
            raise ModelError(
                f"{self.denoiser.spec.name} needs {plan.box_width}x{plan.box_height} pixels at once, "
                "and they do not fit in memory",
                hint="close other programs, or take a smaller model or picture",
            ) from error


def _canvas(picture: Picture, blend: int, scale: PixelScale) -> Canvas | BlendedCanvas:
    shape, dtype, to_stored = picture.samples.shape, scale.dtype, scale.to_stored
    try:
        return BlendedCanvas(shape, dtype, to_stored, blend) if blend else Canvas(shape, dtype, to_stored)
    except MemoryError as error:  # smaller tiles would not help
        raise ImageError(
            f"{picture.source}: there is no memory for a result of {picture.width} x {picture.height} pixels",
            hint="close other programs, or cut the picture into parts",
        ) from error


def _with_strength(clean: Clean, level: NoiseLevel, strength: float) -> Callable[[Unit], Unit]:
    """Tiles in, tiles out: ``noisy + share * (clean - noisy)`` up to 1, a higher noise level above it."""
    share, told = min(strength, 1.0), level.scaled(max(strength, 1.0))

    def run(noisy: Unit) -> Unit:
        answer = clean(noisy, told.map(noisy))
        return answer if share == 1 else noisy + np.float32(share) * (answer - noisy)

    return run


def _read(picture: Picture, boxes: list[Box]) -> Unit:
    """The tiles under boxes of one size, (N, C, h, w), unit range."""
    tiles = np.empty((len(boxes), picture.channels, boxes[0].height, boxes[0].width), np.float32)
    for tile, box in zip(tiles, boxes, strict=True):
        tile[...] = picture.scale.to_unit(cut(picture.samples, box)).transpose(2, 0, 1)
    return tiles


def _batches(plan: TilePlan, size: int) -> Iterator[list[Box]]:
    boxes = iter(plan)
    while some := list(islice(boxes, size)):
        yield some
