"""How much noise a picture carries, told from the picture alone: its level, and whether it is white."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from degrain.images.picture import Picture, as_picture
from degrain.images.scale import Samples
from degrain.noise.blocks import Blocks, Spectrum, blocks_of, quiet
from degrain.noise.growth import growing_level
from degrain.noise.level import BLIND, NoiseLevel

_QUIET = 0.01  # share of the blocks that is always read
_PICKED = 0.83  # low power of blocks that were picked by it, where noise is white
_SEEN = (1.5 / 255) ** 2  # of the span: low power of quiet blocks below which noise and texture are not told apart
_FAINT = (0.5 / 255) ** 2  # and below which there is next to nothing to clean
_COARSE = 0.2  # how far colour differences lean where their noise is plainly not white: low power half again the rest
_STEEP = 0.65  # high power over middle power: white noise above a sigma of 2 keeps more than that


@dataclass(frozen=True)
class NoiseEstimate:
    """What was found in a picture.

    Attributes:
        level: of the white noise. Where the noise is not white, that is its finest part: a lower bound.
        correlation: 0 for white noise, or when there is too little of any to tell; towards 1 the coarser its grains.
            About that of neighbouring pixels.
        suspect: whether noise that is not white was found, or something too faint to tell from texture.
        span: what faint is measured by: about the range of brightness that the picture uses, unit range.
    """

    level: NoiseLevel = BLIND
    correlation: float = 0.0
    suspect: bool = False
    span: float = 1.0

    @property
    def white(self) -> bool:
        """Whether the level is all the noise there is."""
        return self.correlation == 0

    @property
    def faint(self) -> bool:
        """Whether it is suspected only, too faint to tell from texture."""
        return self.suspect and self.white


def estimate_noise(source: Picture | Samples) -> NoiseEstimate:
    """The noise of a picture or an array: how much, how it grows with brightness, and whether it is white.

    Rounding to the stored type does not count. One sigma for all brightness, unless the noise plainly grows with it.
    How good it is, is measured by ``benchmarks/noise_estimate.py``.

    Returns:
        An unknown level for a picture under 8 pixels a side, for flat graphics, and where none is found.
    """
    channels, differences, span, rounding = blocks_of(as_picture(source))
    if not channels:
        return NoiseEstimate()
    spectrum = _quiet_mean(channels)
    level = growing_level(channels, rounding) or NoiseLevel(_sigma(spectrum, rounding))
    told = NoiseLevel(level.sigma * span, level.gain * span, level.black * span)  # in unit range
    correlation = max(_correlation(spectrum), _coarse(differences))
    suspect = correlation > 0 or (spectrum.low >= _FAINT and _leaning(spectrum) > 0)
    return NoiseEstimate(told, correlation, suspect, span)


def estimate_sigma(source: Picture | Samples) -> float:
    """Sigma of the white noise in a picture or an array, on the 0..255 scale; ``estimate_noise`` tells more.

    One number for all channels: the root of their mean variance. Noise that is not white (camera JPEGs, scaled
    pictures) is weak at high frequencies and reads too low.

    Returns:
        At least 0.0; 0.0 for a picture under 8 pixels a side and for flat graphics.
    """
    channels, _, span, rounding = blocks_of(as_picture(source))
    return span * _sigma(_quiet_mean(channels), rounding) if channels else 0.0


def _quiet_mean(channels: Sequence[Blocks]) -> Spectrum:
    """Of the quiet blocks; each channel counts the same."""
    return Spectrum(*np.mean([quiet(blocks, _QUIET).mean(axis=1, dtype=float) for blocks in channels], axis=0))


def _sigma(seen: Spectrum, rounding: float) -> float:
    """One sigma for all. Where texture is as strong as the noise, rather too low: cleaning must not smooth texture."""
    variance = seen.white - rounding
    if variance <= 0:
        return 0.0
    doubt = 0.0 if _correlation(seen) else (seen.texture / variance) ** 4 / 2
    return 255 * math.sqrt(variance * max(1 - doubt, 0.0))


def _correlation(seen: Spectrum) -> float:
    """How far noise leans to low frequencies; 0 where it may be texture."""
    return _leaning(seen) if seen.low >= _SEEN else 0.0


def _coarse(differences: Sequence[Blocks]) -> float:
    """How far noise leans to low frequencies in which channels differ; 0 where it plainly does not in all of them.

    Coarse noise under white noise is seen by that alone: the high frequencies are full. Texture is common to the
    channels.
    """
    seen = [_quiet_mean([blocks]) for blocks in differences]
    least = min((_tilt(one) if one.low >= _SEEN else 0.0 for one in seen), default=0.0)
    return least if least > _COARSE else 0.0


def _leaning(seen: Spectrum) -> float:
    """How far the quiet blocks' power leans to low frequencies; 0 where texture on white noise explains it."""
    return 0.0 if seen.high > _STEEP * seen.middle else max(_tilt(seen), 0.0)


def _tilt(seen: Spectrum) -> float:
    """From -1, all power at high frequencies, over 0, white, to 1, all at low ones."""
    coarse, fine = seen.low / _PICKED, (seen.middle + seen.high) / 2
    return float((coarse - fine) / (coarse + fine))
