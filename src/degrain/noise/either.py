"""One of several noises, another for each picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from degrain.errors import NoiseError
from degrain.noise.base import NoiseModel
from degrain.noise.draw import Draw
from degrain.noise.level import BLIND, NoiseLevel


@dataclass(frozen=True)
class Either:
    """Each picture is spoilt by one of the noises, every one as likely; name one twice to make it twice as likely.

    Attributes:
        of: the noises.

    Raises:
        NoiseError: fewer than two, or one that is a choice itself.
    """

    of: tuple[NoiseModel, ...] = ()

    def __post_init__(self) -> None:
        noises = self.of if isinstance(self.of, tuple) else ()
        if len(noises) < 2 or not all(hasattr(noise, "apply") for noise in noises):
            raise NoiseError(
                f"either needs a list of two noises or more, got {self.of or 'none'}",
                hint="write them as in 'poisson:peak=30|gaussian:sigma=5'",
            )
        if any(isinstance(noise, Either) for noise in noises):
            raise NoiseError(f"in {self} a choice is one of the choices", hint="name all in one, some of them twice")

    def __str__(self) -> str:
        return "|".join(map(str, self.of))

    @property
    def last(self) -> bool:
        """When one of them is."""
        return any(noise.last for noise in self.of)

    @property
    def level(self) -> NoiseLevel:
        """Not told before one is chosen."""
        return BLIND

    def pin(self, draw: Draw) -> "Chosen":
        """All pinned, and one chosen for each picture."""
        return Chosen(tuple(noise.pin(draw) for noise in self.of), draw.number(0, len(self.of)))

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Choose, then as the chosen one does."""
        return self.pin(draw).apply(clean, draw)


@dataclass(frozen=True)
class Chosen:
    """An ``Either`` once pinned.

    Attributes:
        of: the noises, pinned.
        which: 0 to their number; its whole part says which: a number, or (N, 1, 1, 1) for a batch.
    """

    of: tuple[NoiseModel, ...]
    which: Any

    def __str__(self) -> str:
        return "|".join(str(noise) for noise, share in self._shares() if _anybody(share))

    @property
    def last(self) -> bool:
        """When one of them is."""
        return any(noise.last for noise in self.of)

    @property
    def level(self) -> NoiseLevel:
        """That of the chosen one."""
        levels = [(noise.level, share) for noise, share in self._shares()]
        return NoiseLevel(*(sum(share * getattr(level, name) for level, share in levels) for name in ("sigma", "gain")))

    def pin(self, draw: Draw) -> Self:
        """It is."""
        return self

    def apply(self, clean: Any, draw: Draw) -> Any:
        """As the chosen one does; none is clipped that would not be. Noises that nobody drew are not drawn."""
        return sum(share * noise.apply(clean, draw) for noise, share in self._shares() if _anybody(share))

    def _shares(self) -> Iterator[tuple[NoiseModel, Any]]:
        """Each noise and, for each picture, whether it is the one."""
        for number, noise in enumerate(self.of):
            yield noise, (number <= self.which) & (self.which < number + 1)


def _anybody(share: Any) -> bool:
    """Whether it is true of the picture, or of one of the batch."""
    return bool(share.any() if hasattr(share, "any") else share)
