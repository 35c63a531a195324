"""Additive noise that is spread evenly."""

from dataclasses import dataclass
from typing import Any

from degrain.noise.base import Noise, Setting, setting
from degrain.noise.draw import Draw
from degrain.noise.level import NoiseLevel


@dataclass(frozen=True)
class Uniform(Noise):
    """y = x + n, n spread evenly over [-width / 2, width / 2) for each sample on its own.

    Attributes:
        width: on the 0..255 scale.
    """

    width: Setting = setting(50.0, 0, 1000)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Add the noise; mean 0, variance (width / 255)^2 / 12. Not clipped."""
        return clean + self.width / 255 * (draw.uniform(clean) - 0.5)

    def _level(self) -> NoiseLevel:
        """Its standard deviation."""
        return NoiseLevel(self.width / 12**0.5)
