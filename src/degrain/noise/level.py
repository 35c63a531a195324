"""How much noise a picture carries, as a denoiser is told."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from degrain.errors import NoiseError

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NoiseLevel:
    """The standard deviation of the noise, the same for every pixel.

    Attributes:
        sigma: on the 0..255 scale whatever the depth of the picture; 0 = unknown.

    Raises:
        NoiseError: when sigma is negative or no number.
    """

    sigma: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.sigma) and self.sigma >= 0):
            raise NoiseError(
                f"the noise level must be 0 or more, got {self.sigma}",
                hint="sigma counts on the 0..255 scale: 5 is a little noise, 50 is heavy; 0 lets the model judge",
            )

    @property
    def known(self) -> bool:
        """Whether the model is told a level at all."""
        return self.sigma > 0

    def scaled(self, factor: float) -> "NoiseLevel":
        """The level of a picture with ``factor`` times the noise."""
        return NoiseLevel(self.sigma * factor)

    def map(self, tiles: Array) -> Array:
        """Sigma per pixel (N, 1, h, w), unit range, for tiles (N, C, h, w)."""
        count, _, height, width = tiles.shape
        return np.full((count, 1, height, width), self.sigma / 255, np.float32)


BLIND = NoiseLevel()  # the model judges by itself
