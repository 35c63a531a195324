"""What every noise model is: a frozen description that is pinned to numbers first and applied then."""

import re
from dataclasses import Field, dataclass, field, fields, replace
from numbers import Real
from typing import Any, ClassVar, Protocol, Self

from degrain.errors import NoiseError
from degrain.noise.draw import Draw
from degrain.noise.level import BLIND, NoiseLevel


@dataclass(frozen=True)
class Range:
    """A number that is drawn anew for each picture.

    Attributes:
        low, high: where it lies.
        log: spread evenly in its logarithm, so that 3 to 6 comes up as often as 30 to 60; else evenly.

    Raises:
        NoiseError: ends in the wrong order or no numbers, or a logarithm of zero.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        ends: tuple[object, object] = (self.low, self.high)  # Python lets anything in
        if not all(isinstance(end, Real) for end in ends):
            raise NoiseError(f"a range goes from one number to another, got {self.low!r} and {self.high!r}")
        if not self.low <= self.high or (self.log and self.low <= 0):
            needs = "0 < low <= high" if self.log else "low <= high"
            raise NoiseError(f"a range needs {needs}, got {self.low} and {self.high}")
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))

    def __str__(self) -> str:
        return f"{self.low:.6g}..{self.high:.6g}" + ("..log" if self.log else "")

    def pin(self, draw: Draw) -> Any:
        """One value per picture."""
        if not self.log:
            return draw.number(self.low, self.high)
        return self.low * (self.high / self.low) ** draw.number(0.0, 1.0)


Setting = Any  # a number or a Range; once pinned, a number, or (N, 1, 1, 1) for a batch


class NoiseModel(Protocol):
    """A way to spoil a clean picture. Drawing its numbers and using them are two steps, so a draw can be repeated.

    ``str`` gives the short form that ``noise.table.parse`` reads.
    """

    @property
    def last(self) -> bool:
        """Whether nothing can follow it in a chain."""
        ...

    @property
    def level(self) -> NoiseLevel:
        """What a network is told of a pinned model.

        Unknown where no variance that grows with brightness describes it (it hits some pixels only, or is blurred
        after it was counted): the network is not told, it works blind.
        """
        ...

    def pin(self, draw: Draw) -> "NoiseModel":
        """The same model with every range drawn to one number per picture."""
        ...

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Spoil (..., C, H, W) unit-range pixels of a pinned model; the input is unchanged.

        The result is not clipped, except by models that say so.
        """
        ...


def setting(default: float, least: float, most: float) -> Any:
    """A field of a noise: its default, and the ends between which it must lie."""
    return field(default=default, metadata={"least": least, "most": most})


@dataclass(frozen=True)
class Noise:
    """A noise model described by settings alone; its kinds add ``apply``.

    Raises:
        NoiseError: a setting out of its ends, or no number.
    """

    last: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for described in fields(self):
            value = getattr(self, described.name)
            if isinstance(value, Real):
                object.__setattr__(self, described.name, float(value))  # NumPy's own would widen float32 pixels
            self._check(described, value)

    def __str__(self) -> str:
        values = ",".join(f"{key.name}={_text(getattr(self, key.name))}" for key in fields(self))
        return f"{self._name}:{values}"

    @property
    def level(self) -> NoiseLevel:
        """Not told before every range is pinned."""
        pinned = not any(isinstance(getattr(self, key.name), Range) for key in fields(self))
        return self._level() if pinned else BLIND

    def _level(self) -> NoiseLevel:
        """What a network is told."""
        return BLIND

    def pin(self, draw: Draw) -> Self:
        """One number per picture for every range."""
        return replace(self, **{key.name: _pinned(getattr(self, key.name), draw) for key in fields(self)})

    @property
    def _name(self) -> str:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()

    def _check(self, described: "Field[Any]", value: Setting) -> None:
        least, most = described.metadata["least"], described.metadata["most"]
        match value:
            case Range(low, high):
                fits = least <= low and high <= most
            case Real():
                fits = least <= float(value) <= most
            case _:
                fits = hasattr(value, "shape")  # a pinned batch; it was checked as a range
        if not fits:
            raise NoiseError(
                f"{self._name} needs {least:.6g} <= {described.name} <= {most:.6g}, got {_text(value)}",
                hint=f"try {described.name}={described.default:.6g}",
            )


def _pinned(value: Setting, draw: Draw) -> Any:
    return value.pin(draw) if isinstance(value, Range) else value


def _text(value: Setting) -> str:
    return f"{value:.6g}" if isinstance(value, Real) else str(value)
