"""How much noise a picture carries, as a denoiser is told."""

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from degrain.errors import NoiseError
from degrain.noise.blur import blurred, extended, gaussian_kernel, reach_of

_HINTS = {
    "sigma": "it counts on the 0..255 scale: 5 is a little noise, 50 is heavy; 0 lets the model judge",
    "gain": "it is the reciprocal of the photons counted at white: 0.01 for a hundred of them",
    "black": "it is the brightness without light, where 1 is white",
}
_SMOOTH = gaussian_kernel(1.5)  # pixels: the brightness that photons are counted at is known through noise only


@dataclass(frozen=True)
class NoiseLevel:
    """The noise's variance where the picture has brightness x, 0..1: ``gain max(x - black, 0) + (sigma / 255)^2``.

    A linear sensor's [Foi et al., TIP 2008]; white noise of one sigma is the one without gain. Unknown where sigma and
    gain are zero. While training both may be (N, 1, 1, 1), a value for each picture of a batch.

    Attributes:
        sigma: standard deviation at black, on the 0..255 scale whatever the picture's depth.
        gain: variance that a brightness of 1 above black adds, unit range: the reciprocal of the photons counted there.
        black: brightness without any light: the black level that many sensors add; below 0 in floats that were shifted.

    Raises:
        NoiseError: when one of them is no number, or sigma or gain is negative. Those of a batch are not checked.
    """

    sigma: Any = 0.0
    gain: Any = 0.0
    black: float = 0.0

    def __post_init__(self) -> None:
        for name, hint in _HINTS.items():
            value = getattr(self, name)
            if hasattr(value, "shape") and value.shape:  # one for each picture of a batch
                continue
            least, words = (-math.inf, "finite") if name == "black" else (0.0, "0 or more")
            if not isinstance(value, Real) or not (math.isfinite(value) and float(value) >= least):
                raise NoiseError(f"the {name} of a noise level must be a number, {words}, got {value!r}", hint=hint)
            object.__setattr__(self, name, float(value))  # NumPy's own would widen float32 pixels

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
        level = 0 * noisy[:, :1] + self.sigma / 255  # of the same kind, where the pictures are
        if isinstance(self.gain, Real) and not self.gain:
            return level
        brightness = blurred(extended(noisy.mean(1)[:, None], reach_of(_SMOOTH)), _SMOOTH)
        return (level**2 + self.gain * (brightness - self.black).clip(0, None)) ** 0.5


BLIND = NoiseLevel()  # the model judges by itself
