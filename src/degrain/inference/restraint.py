"""Noise is about as strong in textured places as in quiet ones: whatever a model takes away beyond that is texture.

For pictures whose noise is too faint to be told from texture by looking at them: there it shows in what was taken away.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from degrain.images.picture import Picture
from degrain.images.scale import PixelScale, Unit

Map = npt.NDArray[Any]  # a number for each block, or for each pixel

_SIXTEEN_BIT = PixelScale.of(np.uint16)
_BLOCK = 16  # pixels a side: small beside textured places, large enough for a variance
_STRIP = 16 * _BLOCK  # rows worked on at once
_QUIET = 0.1  # share of the blocks
_TIMES = 2.0  # sigma of a sensor's noise over that of its quiet places: brightness alone can double it
_FLAT = (0.25 / 255) ** 2  # of the span: variance below which nothing was there to take away: graphics, clipped skies


def finer(scale: PixelScale) -> PixelScale:
    """A scale for answers of which a part is taken: 8 bit would round off most parts of a faint change."""
    return _SIXTEEN_BIT if scale.step > _SIXTEEN_BIT.step else scale


def restrained(noisy: Picture, answer: Picture, strength: float = 1.0, span: float = 1.0) -> Picture:
    """What a model took, but from textured places no more than twice the quiet ones' sigma.

    Args:
        noisy: the picture as it came.
        answer: what a model made of it, at full strength, of any scale.
        strength: share of what is left of the change, 0..1.
        span: range of brightness that the picture uses, unit range.

    Returns:
        A picture of the same kind as ``noisy``.
    """
    taken = np.concatenate([_variances(_difference(noisy, answer, rows)) for rows in _strips(noisy)])
    flat = _FLAT * span**2
    live = taken[taken > flat]
    allowed = _TIMES**2 * np.quantile(live, _QUIET) if live.size else flat
    gain = (strength * np.sqrt(allowed / np.maximum(taken, allowed))).astype(np.float32)
    samples = np.empty_like(noisy.samples, order="C")
    for rows in _strips(noisy):
        unit = noisy.scale.to_unit(noisy.samples[rows])
        unit += _between(gain, rows, noisy.width)[..., np.newaxis] * _difference(noisy, answer, rows)
        samples[rows] = noisy.scale.to_stored(unit)
    return noisy.with_samples(samples)


def _strips(picture: Picture) -> list[slice]:
    return [slice(top, min(top + _STRIP, picture.height)) for top in range(0, picture.height, _STRIP)]


def _difference(noisy: Picture, answer: Picture, rows: slice) -> Unit:
    return answer.scale.to_unit(answer.samples[rows]) - noisy.scale.to_unit(noisy.samples[rows])


def _variances(difference: Unit) -> Map:
    """Mean square of each block, those at the right and lower edge cut short: (H, W, C) -> (rows, columns)."""
    squares: Map = np.square(difference).mean(axis=2)
    for axis, length in enumerate(squares.shape):
        starts = np.arange(0, length, _BLOCK)
        widths = np.diff(starts, append=length)
        squares = np.add.reduceat(squares, starts, axis) / np.expand_dims(widths, 1 - axis)
    return squares


def _between(gain: Map, rows: slice, width: int) -> Map:
    """The gain of every pixel in some rows, linear between the middles of the blocks: (rows, width)."""
    downwards = _linear(gain, np.arange(rows.start, rows.stop))
    return _linear(downwards.T, np.arange(width)).T


def _linear(values: Map, pixels: npt.NDArray[np.integer]) -> Map:
    """Values at block middles along the first axis -> values at pixels; level beyond the outermost middles."""
    place = np.clip((pixels + 0.5) / _BLOCK - 0.5, 0, len(values) - 1)
    before = np.minimum(place.astype(int), max(len(values) - 2, 0))
    after = np.minimum(before + 1, len(values) - 1)
    share = (place - before).astype(np.float32)[:, np.newaxis]
    at_pixels: Map = values[before] * (1 - share) + values[after] * share
    return at_pixels
