"""The quiet blocks of a picture: where noise is seen, and as little of the picture as can be.

Each channel is cut into 8x8 blocks and each block into its cosine spectrum. White noise has the same power at every
frequency; pictures fade towards the high ones. The low half picks blocks and the high half is read: for white noise
the two are independent, and picking the quietest blocks does not make the answer too small.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from degrain.images.picture import Picture
from degrain.images.scale import Samples, Unit

Blocks = npt.NDArray[np.float32]  # (4, N): brightness, and power in the low, the middle and the high band

_SIDE = 8  # pixels
_STEP = 5  # between blocks; odd, so that blocks fall on every phase of JPEG's 8x8 grid
_PER_AXIS = 128  # blocks along a side at most: larger pictures are sampled
_BANDS = ((1, 7), (8, 10), (11, 14))  # of the frequencies u + v: low, middle, high
_CLIPPED = 0.02  # share of samples at an end of the range up to which a block's noise counts as whole
_FEW = 0.05  # share of the blocks that must be so; else the least clipped ones are taken
_STEPS = 255  # of the stored type, at least, in a span: with fewer, rounding hides what is faint
_FADE = 0.3  # texture's power in the high band over that in the middle one, in quiet blocks of the training pictures


class Spectrum(NamedTuple):
    """What quiet blocks hold on average: numbers, or arrays for several sets of blocks.

    Attributes:
        brightness: their mean, unit range.
        low, middle, high: power by frequency, a variance in unit range; white noise has the same in all three.
    """

    brightness: Any
    low: Any
    middle: Any
    high: Any

    @property
    def white(self) -> Any:
        """Variance of the white noise, when texture explains the fall from the middle band to the high one."""
        return (self.high - _FADE * self.middle) / (1 - _FADE)

    @property
    def texture(self) -> Any:
        """That texture's power in the middle band."""
        return np.maximum(self.middle - self.high, 0) / (1 - _FADE)


class Seen(NamedTuple):
    """What is looked at of a picture, in units of the range of brightness that it uses.

    Attributes:
        channels: the blocks of each channel whose noise is whole; a channel that has none is left out.
        differences: the same of what red and blue differ from green by, which has as much noise as a channel where
            channels are spoilt each for itself, and little of the picture; none for a gray one.
        span: that range, unit range: 1 unless the picture uses less than a quarter of what its type can hold, as 12
            bits in 16 do, or more, as floats may.
        rounding: variance that the stored type adds.
    """

    channels: Sequence[Blocks]
    differences: Sequence[Blocks]
    span: float
    rounding: float


def blocks_of(picture: Picture) -> Seen:
    """Blocks spread evenly over the picture."""
    unit = picture.scale.to_unit(_cut(picture.samples))
    channels = [_finite(blocks) for blocks in unit]
    differences = [_finite(_difference(blocks, unit[1])) for blocks in unit[::2]] if len(unit) == 3 else []
    span = max(_span(channels), _STEPS * picture.scale.step)
    return Seen(_spectra(channels, span), _spectra(differences, span), span, picture.scale.rounding / span**2)


def quiet(blocks: Blocks, share: float) -> Blocks:
    """The quietest blocks: such a share of them, and all others that noise alone would explain."""
    _, low, middle, high = blocks
    least = low <= np.quantile(low, share)
    noise = (middle + high)[least].mean() / 2
    return blocks[:, least | (low <= noise)]


def _cut(samples: Samples) -> Samples:
    """Blocks spread evenly over each channel: (H, W, C) -> (C, N, 64), N at most 128 x 128."""
    height, width, channels = samples.shape
    if min(height, width) < _SIDE:
        return samples[:0, :0].reshape(channels, 0, _SIDE * _SIDE)
    windows = np.lib.stride_tricks.sliding_window_view(samples, (_SIDE, _SIDE), axis=(0, 1))
    down, right = (max(_STEP, math.ceil(places / _PER_AXIS)) for places in windows.shape[:2])
    return np.moveaxis(windows[::down, ::right], 2, 0).reshape(channels, -1, _SIDE * _SIDE)


def _span(channels: Sequence[Unit]) -> float:
    """The least power of four that the brightness of the blocks fits into."""
    brightness = np.concatenate([blocks.mean(axis=1, dtype=float) for blocks in channels])
    used = float(np.ptp(brightness)) if brightness.size else 0.0
    return 4.0 ** math.ceil(math.log(used, 4)) if used else 1.0


def _difference(one: Unit, other: Unit) -> Unit:
    """As noisy as either."""
    with np.errstate(invalid="ignore"):  # infinity from infinity
        difference: Unit = (one - other) / np.float32(math.sqrt(2))
    return difference


def _finite(blocks: Unit) -> Unit:
    return blocks[np.isfinite(blocks).all(axis=1)]


def _whole(blocks: Unit) -> Unit:
    """The blocks whose noise is all there: neither clipped nor wiped out. None when the channel is mostly flat."""
    if not len(blocks):
        return blocks
    clipped = ((blocks == blocks.min()) | (blocks == blocks.max())).mean(axis=1)
    flat = (blocks == blocks[:, :1]).all(axis=1)
    least = float(np.quantile(clipped, _FEW))
    whole = clipped <= max(_CLIPPED, least)
    judged = whole if least <= _CLIPPED else np.ones_like(whole)
    return blocks[whole & ~flat] if flat[judged].mean() <= 0.5 else blocks[:0]


def _spectra(channels: Sequence[Unit], span: float) -> list[Blocks]:
    whole = [_whole(blocks / np.float32(span)) for blocks in channels]
    return [_transformed(blocks) for blocks in whole if len(blocks)]


def _transformed(blocks: Unit) -> Blocks:
    """(N, 64) pixels -> (4, N)."""
    return np.stack([blocks.mean(axis=1), *(np.square(blocks @ waves).mean(axis=1) for waves in _WAVES)])


def _cosine_waves() -> list[npt.NDArray[np.float32]]:
    """Columns of the orthonormal 8x8 cosine transform, (64, K) for each band."""
    place = np.arange(_SIDE)
    waves = np.cos(np.pi / _SIDE * np.outer(place, place + 0.5))  # (frequency, place)
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    basis = np.kron(waves, waves).astype(np.float32)
    frequency = np.add.outer(place, place).ravel()
    return [basis[(first <= frequency) & (frequency <= last)].T for first, last in _BANDS]


_WAVES = _cosine_waves()
