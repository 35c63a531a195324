"""Additive white Gaussian noise."""

from dataclasses import dataclass
from typing import Any

from degrain.noise.base import Noise, Setting, setting
from degrain.noise.draw import Draw
from degrain.noise.level import NoiseLevel


@dataclass(frozen=True)
class Gaussian(Noise):
    """y = x + n, n ~ N(0, sigma^2) for each sample on its own.

    Attributes:
        sigma: standard deviation on the 0..255 scale.
    """

    sigma: Setting = setting(25.0, 0, 1000)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Add the noise; mean 0, variance (sigma / 255)^2. Not clipped."""
        return clean + self.sigma / 255 * draw.normal(clean)

    def _level(self) -> NoiseLevel:
        """Its sigma."""
        return NoiseLevel(self.sigma)
