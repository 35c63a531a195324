"""How much white noise a picture carries, told from the picture alone.

White noise has the same power at every frequency; pictures fade towards the high ones. So each channel is cut into
8x8 blocks and each block into its cosine spectrum. The *low* half of the spectrum picks the blocks that noise alone
would explain; the *high* half of those is read. For white noise the two halves are independent, and picking the
quietest blocks does not make the answer too small. What texture is left shows as a fall inside the high half, and is
taken off.
"""

import math

import numpy as np
import numpy.typing as npt

from degrain.images.picture import Picture
from degrain.images.scale import Samples, Unit

_SIDE = 8  # pixels
_STEP = 5  # between blocks; odd, so that blocks fall on every phase of JPEG's 8x8 grid
_PER_AXIS = 128  # blocks along a side at most: larger pictures are sampled
_QUIET = 0.01  # share of the blocks that is always read
_FADE = 0.3  # texture's power in the upper band over that in the middle one, in quiet blocks of the training pictures
_CLIPPED = 0.02  # share of samples at an end of the range up to which a block's noise counts as whole
_FEW = 0.05  # share of the blocks that must be so; else the least clipped ones are taken


def estimate_sigma(picture: Picture) -> float:
    """Standard deviation of the white noise in a picture, on the 0..255 scale.

    One number for all channels: the root of their mean variance. Rounding to the stored type does not count as
    noise. Noise that is not white (camera JPEGs, scaled pictures) is weak at high frequencies and reads too low.
    Bias and spread are measured by ``benchmarks/noise_estimate.py``.

    Returns:
        At least 0.0; 0.0 for a picture under 8 pixels a side and for flat graphics.
    """
    channels = (_whole(_finite(blocks)) for blocks in picture.scale.to_unit(_blocks(picture.samples)))
    variances = [_white_variance(blocks) for blocks in channels if len(blocks)]
    if not variances:
        return 0.0
    return 255 * math.sqrt(max(sum(variances) / len(variances) - picture.scale.step**2 / 12, 0.0))


def _blocks(samples: Samples) -> Samples:
    """Blocks spread evenly over each channel: (H, W, C) -> (C, N, 64), N at most 128 x 128."""
    height, width, channels = samples.shape
    if min(height, width) < _SIDE:
        return samples[:0, :0].reshape(channels, 0, _SIDE * _SIDE)
    windows = np.lib.stride_tricks.sliding_window_view(samples, (_SIDE, _SIDE), axis=(0, 1))
    down, right = (max(_STEP, math.ceil(places / _PER_AXIS)) for places in windows.shape[:2])
    return np.moveaxis(windows[::down, ::right], 2, 0).reshape(channels, -1, _SIDE * _SIDE)


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


def _white_variance(blocks: Unit) -> float:
    """Variance of the white noise in the blocks (N, 64) of one channel."""
    low, middle, high = (np.square(blocks @ band).mean(axis=1) for band in _BANDS)
    quietest = float(np.quantile(low, _QUIET))
    noise = (middle + high)[low <= quietest].mean() / 2
    chosen = low <= max(quietest, noise)
    return float(high[chosen].mean() - _FADE * middle[chosen].mean()) / (1 - _FADE)


def _cosine_bands() -> list[npt.NDArray[np.float32]]:
    """Columns of the orthonormal 8x8 cosine transform by frequency u + v: 1..7, 8..10 and 11..14, each (64, K)."""
    place = np.arange(_SIDE)
    waves = np.cos(np.pi / _SIDE * np.outer(place, place + 0.5))  # (frequency, place)
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    basis = np.kron(waves, waves).astype(np.float32)
    frequency = np.add.outer(place, place).ravel()
    return [basis[(first <= frequency) & (frequency <= last)].T for first, last in ((1, 7), (8, 10), (11, 14))]


_BANDS = _cosine_bands()
