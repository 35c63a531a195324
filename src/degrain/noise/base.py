"""What every noise model is: a frozen description that is pinned to numbers first and applied then."""

from dataclasses import dataclass
from typing import Any, Protocol, Self

from degrain.errors import NoiseError
from degrain.noise.draw import Draw


@dataclass(frozen=True)
class Range:
    """A number that is drawn anew for each picture.

    Attributes:
        low, high: where it lies.
        log: spread evenly in its logarithm, so that 3 to 6 comes up as often as 30 to 60; else evenly.

    Raises:
        NoiseError: ends in the wrong order, or a logarithm of zero.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.high or (self.log and self.low <= 0):
            needs = "0 < low <= high" if self.log else "low <= high"
            raise NoiseError(f"a range needs {needs}, got {self.low} and {self.high}")

    def pin(self, draw: Draw) -> Any:
        """One value per picture."""
        if not self.log:
            return draw.number(self.low, self.high)
        return self.low * (self.high / self.low) ** draw.number(0.0, 1.0)


Setting = float | Range  # what a noise model is described with


class NoiseModel(Protocol):
    """A way to spoil a clean picture. Drawing its numbers and using them are two steps, so a draw can be repeated."""

    def pin(self, draw: Draw) -> Self:
        """The same model with every range drawn to one number per picture."""
        ...

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Spoil (..., C, H, W) unit-range pixels. Never clips; the input is unchanged."""
        ...

    @property
    def level(self) -> Any:
        """Standard deviation of a pinned model, unit range, one per picture."""
        ...


def pin(value: Setting, draw: Draw) -> Any:
    """A range becomes one number per picture; a number stays."""
    return value.pin(draw) if isinstance(value, Range) else value
