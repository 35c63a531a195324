"""Noise of counted photons, without and with that of the electronics that read them out."""

from dataclasses import dataclass
from typing import Any

from degrain.noise.base import Noise, Setting, setting
from degrain.noise.draw import Draw
from degrain.noise.level import NoiseLevel


@dataclass(frozen=True)
class Poisson(Noise):
    """y = k / peak, k ~ Poisson(peak x): dark pixels are noisier than their brightness, bright ones less.

    Attributes:
        peak: photons expected at 1.0.
    """

    peak: Setting = setting(30.0, 0.01, 1e6)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Count photons; mean x, variance x / peak, for x >= 0. Not clipped above."""
        return draw.poisson(clean * self.peak) / self.peak

    def _level(self) -> NoiseLevel:
        """All of it grows with brightness."""
        return NoiseLevel(gain=1 / self.peak)


@dataclass(frozen=True)
class PoissonGaussian(Noise):
    """y = k / peak + n, k ~ Poisson(peak x), n ~ N(0, sigma^2): a linear sensor (Foi et al., TIP 2008).

    Attributes:
        peak: photons expected at 1.0.
        sigma: standard deviation of the read noise on the 0..255 scale.
    """

    peak: Setting = setting(30.0, 0.01, 1e6)
    sigma: Setting = setting(5.0, 0, 1000)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Count photons and read them out; mean x, variance x / peak + (sigma / 255)^2. Not clipped."""
        return draw.poisson(clean * self.peak) / self.peak + self.sigma / 255 * draw.normal(clean)

    def _level(self) -> NoiseLevel:
        """What the photons add, and what the electronics do."""
        return NoiseLevel(self.sigma, 1 / self.peak)
