"""Several noises, one after the other."""

from dataclasses import dataclass
from math import prod
from typing import Any, Self

from degrain.errors import NoiseError
from degrain.noise.base import NoiseModel
from degrain.noise.draw import Draw
from degrain.noise.either import Either
from degrain.noise.level import NoiseLevel


@dataclass(frozen=True)
class Chain:
    """Each noise spoils what the one before it left.

    Attributes:
        links: in the order in which they are applied.

    Raises:
        NoiseError: no link, or one that must be last before the end.
    """

    links: tuple[NoiseModel, ...] = ()

    def __post_init__(self) -> None:
        links = self.links if isinstance(self.links, tuple) else ()
        if not links or not all(hasattr(link, "apply") for link in links):
            raise NoiseError(
                f"a chain needs a list of noises as its links, got {self.links or 'none'}",
                hint="join them as in poisson:peak=30+gaussian:sigma=5",
            )
        if any(isinstance(link, Either) for link in links):
            raise NoiseError(f"in {self} the choice must come first", hint="make it the outer one: A+C|B+C")
        for link in links[:-1]:
            if link.last:
                raise NoiseError(f"{link} clips, so nothing can follow it", hint="move it to the end of the chain")

    def __str__(self) -> str:
        return "+".join(map(str, self.links))

    @property
    def last(self) -> bool:
        """When its last link is."""
        return self.links[-1].last

    @property
    def level(self) -> NoiseLevel:
        """The variances summed when every link has a level; else not told."""
        levels = [link.level for link in self.links]
        told = prod(level.known for level in levels)
        sigma = sum(level.sigma**2 for level in levels) ** 0.5
        return NoiseLevel(told * sigma, told * sum(level.gain for level in levels))

    def pin(self, draw: Draw) -> Self:
        """Each link pinned."""
        return type(self)(tuple(link.pin(draw) for link in self.links))

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Link after link; see there."""
        for link in self.links:
            clean = link.apply(clean, draw)
        return clean
