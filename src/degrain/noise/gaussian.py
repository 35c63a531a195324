"""Additive white Gaussian noise."""

from dataclasses import dataclass, replace
from typing import Any, Self

from degrain.errors import NoiseError
from degrain.noise.base import Range, Setting, pin
from degrain.noise.draw import Draw


@dataclass(frozen=True)
class Gaussian:
    """y = x + n, n ~ N(0, sigma^2) for each sample on its own.

    Attributes:
        sigma: standard deviation on the 0..255 scale, a number or a range.
    """

    sigma: Setting = 25.0

    def __post_init__(self) -> None:
        least = self.sigma.low if isinstance(self.sigma, Range) else self.sigma
        if isinstance(least, (int, float)) and not least >= 0:  # a pinned batch was checked as a range
            raise NoiseError(f"gaussian needs sigma >= 0, got {least}")

    def pin(self, draw: Draw) -> Self:
        """One sigma per picture."""
        return replace(self, sigma=pin(self.sigma, draw))

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Add the noise; mean 0, variance (sigma / 255)^2. Not clipped."""
        return clean + self.level * draw.normal(clean)

    @property
    def level(self) -> Any:
        """Sigma in unit range."""
        return self.sigma / 255.0  # type: ignore[operator]  # pinned: a number or a batch of them
