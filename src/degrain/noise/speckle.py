"""Noise that grows with the signal, as in ultrasound and radar."""

from dataclasses import dataclass
from typing import Any

from degrain.noise.base import Noise, Setting, setting
from degrain.noise.draw import Draw


@dataclass(frozen=True)
class Speckle(Noise):
    """y = x (1 + n), n ~ N(0, sigma^2) for each sample on its own.

    Attributes:
        sigma: standard deviation at 1.0, on the 0..255 scale.
    """

    sigma: Setting = setting(40.0, 0, 1000)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Multiply by the noise; mean x, variance (x sigma / 255)^2. Not clipped."""
        return clean * (1 + self.sigma / 255 * draw.normal(clean))
