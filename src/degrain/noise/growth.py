"""How the noise grows with brightness, and from which black level: a line through the variances of quiet blocks.

[Foi et al., TIP 2008]
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from degrain.noise.blocks import Blocks, Spectrum, quiet
from degrain.noise.level import NoiseLevel

_BINS = 10  # of brightness, equally many blocks in each
_LEAST = 500  # blocks; with fewer a line is not worth trying
_QUIET = 0.03  # share of a bin's blocks that is always read
_DOUBT = 0.5  # of the texture that was taken off a bin's variance: how far that may be wrong
_FLOOR = 0.02  # no bin's variance is better known than to this share
_DIM = 0.05  # of the mean variance: no bin counts as if its noise were less
_PER_BLOCK = 4.5  # a block's variance is wrong by 1 / sqrt(4.5) of itself: few coefficients, and blocks that overlap
_SURE = 4.0  # standard errors that a gain must stand above zero
_GROWN = 1.2  # the brightest bin's noise over the darkest one's, at least
_RAISED = 9.0  # a black level must make the line's misfit smaller by so much: three standard errors

Floats = npt.NDArray[np.float64]


def growing_level(channels: Sequence[Blocks], rounding: float) -> NoiseLevel | None:
    """``gain max(x - black, 0) + (sigma / 255)^2``; None when one sigma tells as much.

    A gain must be plain and matter: white noise gets none by chance, and noise that hardly grows loses nothing by one
    sigma for all. A black level must be plain, too; it is that of the darkest bin, and always so where that is below 0.
    Channels count together, as in ``NoiseLevel.map``.

    Args:
        channels: blocks of each channel.
        rounding: variance that the stored type adds, unit range.
    """
    blocks = np.concatenate(channels, axis=1)
    if blocks.shape[1] < _LEAST:
        return None
    bins = _bins(blocks, rounding)
    darkest = float(bins.x.min())
    line, raised = _line(bins, min(darkest, 0.0)), _line(bins, max(darkest, 0.0))
    if line.misfit - raised.misfit > _RAISED * max(raised.scatter, 1.0):
        line = raised
    if line.gain <= _SURE * line.error or line.at(bins.x.max()) <= _GROWN**2 * line.at(darkest):
        return None
    return NoiseLevel(255 * line.dark**0.5, line.gain, line.black)


class _Bins(NamedTuple):
    """What bins of brightness hold, all (_BINS,).

    Attributes:
        x: their mean brightness.
        variance: of the noise.
        doubt: how far that may be wrong, whatever the noise.
        counts: quiet blocks that it was read from.
    """

    x: Floats
    variance: Floats
    doubt: Floats
    counts: npt.NDArray[np.int_]


class _Line(NamedTuple):
    """``gain (x - black) + dark``, neither gain nor dark below zero.

    Attributes:
        error: standard error of the gain.
        misfit: squared errors of all bins, each in units of what it may be wrong by.
    """

    black: float
    gain: float
    dark: float
    error: float
    misfit: float

    @property
    def scatter(self) -> float:
        """Of one bin; 1 when bins are wrong by what their weights say."""
        return self.misfit / (_BINS - 2)

    def at(self, x: float) -> float:
        """The variance there."""
        return self.gain * (x - self.black) + self.dark


def _bins(blocks: Blocks, rounding: float) -> _Bins:
    darkest_first = blocks[:, np.argsort(blocks[0], kind="stable")]
    read = [quiet(part, _QUIET) for part in np.array_split(darkest_first, _BINS, axis=1)]
    seen = Spectrum(*np.array([one.mean(axis=1, dtype=float) for one in read]).T)
    doubt = _DOUBT * seen.texture + rounding  # noise below a step is not rounded evenly
    return _Bins(seen.brightness, seen.white - rounding, doubt, np.array([one.shape[1] for one in read]))


def _line(bins: _Bins, black: float) -> _Line:
    """Through the bins; weights follow the line itself, so a few rounds."""
    x, variance, doubt, counts = bins.x - black, bins.variance, bins.doubt, bins.counts
    mean = max(float(np.average(variance, weights=counts)), 1e-12)
    expected = np.full_like(x, mean)
    for _ in range(6):
        weights = 1 / (expected**2 * (1 / (_PER_BLOCK * counts) + _FLOOR**2) + doubt**2)
        middle, height = np.average(x, weights=weights), np.average(variance, weights=weights)
        spread = float(weights @ (x - middle) ** 2)
        if not spread:
            return _Line(black, 0.0, mean, 1.0, 0.0)  # one brightness
        gain = max(float(weights @ ((x - middle) * (variance - height))) / spread, 0.0)
        dark = float(height - gain * middle)
        if dark < 0:
            gain, dark = max(float(weights @ (x * variance)) / float(weights @ x**2), 0.0), 0.0
        expected = np.maximum(gain * x + dark, _DIM * mean)
    line = _Line(black, gain, dark, spread**-0.5, float(weights @ (variance - gain * x - dark) ** 2))
    return line._replace(error=line.error * max(line.scatter, 1.0) ** 0.5)
