"""How much noise a picture carries, as a denoiser is told."""

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from degrain.errors import NoiseError
from degrain.noise.blur import blurred, extended, gaussian_kernel, reach_of

_SMOOTH = gaussian_kernel(1.5)  # pixels: the brightness that photons are counted at is known through noise only


@dataclass(frozen=True)
class NoiseLevel:
    """The noise's variance where the picture has brightness x, 0..1: ``gain max(x - black, 0) + (sigma / 255)^2``.

    A linear sensor's [Foi et al., TIP 2008]; white noise of one sigma is the one without gain. Unknown where sigma and
    gain are zero. While training both may be (N, 1, 1, 1), a value for each picture of a batch.

    Attributes:
        sigma: standard deviation where the picture is black, on the 0..255 scale whatever its depth.
        gain: variance added from black to a brightness of 1 more, unit range: with black at 0 the reciprocal of the
            photons counted at white.
        black: brightness without any light, 0..1: the black level that many sensors add.

    Raises:
        NoiseError: when one of them is negative or no number.
    """

    sigma: Any = 0.0
    gain: Any = 0.0
    black: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("sigma", self.sigma), ("gain", self.gain), ("black", self.black)):
            if not isinstance(value, Real):
                continue
            object.__setattr__(self, name, float(value))  # NumPy's own would widen float32 pixels
            if not 0 <= float(value) < math.inf:
                raise NoiseError(
                    f"the noise level must be 0 or more, got {value}",
                    hint="sigma counts on the 0..255 scale: 5 is a little noise, 50 is heavy; 0 lets the model judge",
                )

    @property
    def known(self) -> Any:
        """Whether the model is told a level at all."""
        return (self.sigma > 0) | (self.gain > 0)

    def scaled(self, factor: float) -> "NoiseLevel":
        """The level of a picture with ``factor`` times the noise."""
        return NoiseLevel(self.sigma * factor, self.gain * factor**2, self.black)

    def at(self, brightness: Any) -> Any:
        """Standard deviation on the 0..255 scale where the picture is so bright, 0..1."""
        return (self.sigma**2 + 255**2 * self.gain * np.maximum(brightness - self.black, 0)) ** 0.5

    def map(self, noisy: Any) -> Any:
        """Sigma per pixel (N, 1, H, W), unit range, for noisy pictures (N, C, H, W): NumPy or torch, as they are.

        Brightness is the mean of the channels, smoothed. It is read from the noisy picture, the only one there is.
        """
        level = 0 * noisy[:, :1] + self.sigma / 255
        if isinstance(self.gain, Real) and not self.gain:
            return level
        brightness = blurred(extended(noisy.mean(1)[:, None], reach_of(_SMOOTH)), _SMOOTH)
        return (level**2 + self.gain * (brightness - self.black).clip(0, 1)) ** 0.5


BLIND = NoiseLevel()  # the model judges by itself
