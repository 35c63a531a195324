"""What every noise model is: a frozen description that is pinned to numbers first and applied then."""

from typing import Any, Protocol, Self

from degrain.noise.draw import Draw

Range = float | tuple[float, float]  # a number, or low and high of a uniform draw


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


def pin_range(value: Range, draw: Draw) -> Any:
    """A range becomes one number per picture; a number stays."""
    return draw.number(*value) if isinstance(value, tuple) else value
