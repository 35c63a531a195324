"""How the noise grows with brightness: a line through the variances of quiet blocks [Foi et al., TIP 2008]."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from degrain.noise.blocks import Blocks, Spectrum, quiet
from degrain.noise.level import NoiseLevel

_BINS = 10  # of brightness, with as many blocks in each
_LEAST = 500  # blocks; with fewer a line is not worth trying
_QUIET = 0.03  # share of a bin's blocks that is always read
_DOUBT = 0.5  # of the texture that was taken off a bin's variance: how far that may be wrong
_FLOOR = 0.02  # no bin's variance is better known than to this share
_PER_BLOCK = 4.5  # a block's variance is wrong by 1 / sqrt(4.5) of itself: few coefficients, and blocks that overlap
_SURE = 4.0  # standard errors that a gain must stand above zero
_GROWN = 1.2  # and the noise in the brightest bin above that in the darkest one

Floats = npt.NDArray[np.float64]


def growing_level(channels: Sequence[Blocks], rounding: float) -> NoiseLevel | None:
    """``gain x + (sigma / 255)^2``, neither below zero; None when one sigma tells as much.

    A gain must be plain and matter: white noise gets none by chance, and noise that hardly grows loses nothing by one
    sigma for all. Channels count together, as in ``NoiseLevel.map``.

    Args:
        channels: blocks of each channel.
        rounding: variance that the stored type adds, unit range.
    """
    blocks = np.concatenate(channels, axis=1)
    if blocks.shape[1] < _LEAST:
        return None
    darkest_first = blocks[:, np.argsort(blocks[0], kind="stable")]
    bins = [quiet(part, _QUIET) for part in np.array_split(darkest_first, _BINS, axis=1)]
    seen = Spectrum(*np.array([one.mean(axis=1, dtype=float) for one in bins]).T)
    counts = np.array([one.shape[1] for one in bins])
    doubt = _DOUBT * seen.texture + rounding  # noise below a step is not rounded evenly
    gain, black, error = _line(seen.brightness, seen.white - rounding, doubt, counts)
    darkest, brightest = (gain * end + black for end in (seen.brightness.min(), seen.brightness.max()))
    if gain <= _SURE * error or brightest <= _GROWN**2 * darkest:
        return None
    return NoiseLevel(255 * black**0.5, gain)


def _line(x: Floats, variance: Floats, doubt: Floats, counts: npt.NDArray[np.int_]) -> tuple[float, float, float]:
    """Slope, value at zero and the slope's standard error; weights follow the line itself, so a few rounds."""
    told = np.full_like(x, max(float(np.average(variance, weights=counts)), 1e-12))
    for _ in range(6):
        weights = 1 / (told**2 * (1 / (_PER_BLOCK * counts) + _FLOOR**2) + doubt**2)
        middle, height = np.average(x, weights=weights), np.average(variance, weights=weights)
        spread = float(weights @ (x - middle) ** 2)
        if not spread:
            return 0.0, 0.0, 1.0  # one brightness
        gain = max(float(weights @ ((x - middle) * (variance - height))) / spread, 0.0)
        black = float(height - gain * middle)
        if black < 0:
            gain, black = max(float(weights @ (x * variance)) / float(weights @ x**2), 0.0), 0.0
        told = np.maximum(gain * x + black, 1e-12)
    scatter = float(weights @ (variance - told) ** 2) / (len(x) - 2)  # 1 when bins are wrong by what their weights say
    return gain, black, (max(scatter, 1.0) / spread) ** 0.5
