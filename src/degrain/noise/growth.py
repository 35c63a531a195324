"""How the noise grows with brightness: a line through the variances of quiet blocks [Foi et al., TIP 2008]."""

from collections.abc import Sequence
from typing import NamedTuple

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
_PLAIN = 9.0 / (_BINS - 2)  # share of the scatter that a black level must explain: three standard errors
_DIM = 0.05  # of the mean variance: a dark bin's weight never tells of less noise
_GROWN = 1.2  # and the noise in the brightest bin above that in the darkest one

Floats = npt.NDArray[np.float64]


def growing_level(channels: Sequence[Blocks], rounding: float) -> NoiseLevel | None:
    """``gain max(x - black, 0) + (sigma / 255)^2``; None when one sigma tells as much.

    A gain must be plain and matter: white noise gets none by chance, and noise that hardly grows loses nothing by one
    sigma for all. So must a black level above zero: it is then that of the darkest bin. Channels count together, as in
    ``NoiseLevel.map``.

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
    variance = seen.white - rounding
    through, raised = (_line(seen.brightness, variance, doubt, counts, black) for black in (0.0, seen.brightness.min()))
    line = raised if through.scatter - raised.scatter > _PLAIN * max(raised.scatter, 1.0) else through
    brightest = line.gain * (seen.brightness.max() - line.black) + line.dark
    darkest = line.gain * (seen.brightness.min() - line.black) + line.dark
    if line.gain <= _SURE * line.error or brightest <= _GROWN**2 * darkest:
        return None
    return NoiseLevel(255 * line.dark**0.5, line.gain, line.black)


class _Line(NamedTuple):
    """``gain (x - black) + dark``, neither gain nor dark below zero.

    Attributes:
        error: standard error of the gain.
        scatter: mean squared error of the bins; 1 when they are wrong by what their weights say.
    """

    black: float
    gain: float
    dark: float
    error: float
    scatter: float


def _line(x: Floats, variance: Floats, doubt: Floats, counts: npt.NDArray[np.int_], black: float) -> _Line:
    """Through the bins; weights follow the line itself, so a few rounds."""
    light = x - black
    usual = max(float(np.average(variance, weights=counts)), 1e-12)
    told = np.full_like(x, usual)
    for _ in range(6):
        weights = 1 / (told**2 * (1 / (_PER_BLOCK * counts) + _FLOOR**2) + doubt**2)
        middle, height = np.average(light, weights=weights), np.average(variance, weights=weights)
        spread = float(weights @ (light - middle) ** 2)
        if not spread:
            return _Line(black, 0.0, usual, 1.0, 1.0)  # one brightness
        gain = max(float(weights @ ((light - middle) * (variance - height))) / spread, 0.0)
        dark = float(height - gain * middle)
        if dark < 0:
            gain, dark = max(float(weights @ (light * variance)) / float(weights @ light**2), 0.0), 0.0
        told = np.maximum(gain * light + dark, _DIM * usual)
    scatter = float(weights @ (variance - gain * light - dark) ** 2) / (len(x) - 2)
    return _Line(black, gain, dark, (max(scatter, 1.0) / spread) ** 0.5, scatter)
