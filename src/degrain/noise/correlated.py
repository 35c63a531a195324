"""Gaussian noise in soft grains, as demosaicking and scaling leave it."""

from dataclasses import dataclass
from typing import Any

from degrain.noise.base import Noise, Setting, setting
from degrain.noise.blur import blurred, extended, gaussian_kernel, reach_of
from degrain.noise.draw import Draw
from degrain.noise.level import NoiseLevel


@dataclass(frozen=True)
class Correlated(Noise):
    """y = x + n, n white Gaussian noise that has been blurred; channels on their own.

    Attributes:
        sigma: standard deviation after the blur, on the 0..255 scale.
        radius: standard deviation of the blur, pixels; samples d pixels apart correlate by exp(-(d / 2 radius)^2).
    """

    sigma: Setting = setting(25.0, 0, 1000)
    radius: Setting = setting(1.0, 0.1, 20)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Add the noise; mean 0, variance (sigma / 255)^2, up to the border. Not clipped."""
        kernel = gaussian_kernel(self.radius)
        left = sum(weight**2 for weight in kernel)  # of white noise's standard deviation, after both axes
        grains = blurred(draw.normal(extended(clean, reach_of(kernel))), kernel)
        return clean + self.sigma / 255 / left * grains

    def _level(self) -> NoiseLevel:
        """Its sigma."""
        return NoiseLevel(self.sigma)
