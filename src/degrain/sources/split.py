"""Which pictures of a data set train, validate and test: by a hash of their group, written once for every source."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from degrain.errors import TrainingError
from degrain.sources.base import Item, Side, Source

SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(frozen=True)
class Split:
    """A source, parted.

    A group goes where the hash of its name says, so pictures added later move none of the others. Where the makers
    of a data set have parted it, that is kept; a side that they left out is taken from their training pictures.

    Attributes:
        source: what to part.
        valid: share of the groups held out for validation, 0 to 1.
        test: share of the groups held out for testing; the rest trains.
        limit: most pictures of each side, such as ``{"train": 900}``, chosen by the seed; None for all.
        seed: of that choice.

    Raises:
        TrainingError: on shares out of range, or a limit that is none.
    """

    source: Source
    valid: float = 0.05
    test: float = 0.0
    limit: Mapping[str, int | None] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.valid, self.test) < 0 or self.valid + self.test > 1:
            raise TrainingError(
                f"the shares held out must not be negative, nor more than 1 together; "
                f"got valid={self.valid} and test={self.test}"
            )
        for side, most in self.limit.items():
            if side not in SIDES or (most is not None and most < 1):
                raise TrainingError(f"limit takes train, valid and test, 1 or more each, got {side}={most}")

    def items(self, side: Side | Literal["all"]) -> Sequence[Item]:
        """The pictures of one side, sorted by key; ``all`` are all of the source, whatever the limits.

        Raises:
            TrainingError: the source cannot be listed, or the side is empty.
        """
        chosen = self.source.items() if side == "all" else self.sides[side]
        if not chosen:
            raise TrainingError(
                f"none of the {len(self.source.items())} pictures is in split {side!r}",
                hint=f"change valid={self.valid} or test={self.test} (source.split in a training), or add some",
            )
        return chosen

    @cached_property
    def sides(self) -> Mapping[Side, Sequence[Item]]:
        """The pictures of each side, perhaps none. Raises TrainingError when the source cannot be listed."""
        every = self.source.items()
        given = {item.side for item in every}
        sides: dict[Side, list[Item]] = {side: [] for side in SIDES}
        for item in every:
            sides[self._side(item, given)].append(item)
        return {side: self._limited(items, self.limit.get(side)) for side, items in sides.items()}

    def _side(self, item: Item, given: Collection[Side | None]) -> Side:
        if item.side in ("valid", "test"):
            return item.side
        place, share = _hash(item.group), 0.0
        held_out: tuple[tuple[Side, float], ...] = (("valid", self.valid), ("test", self.test))
        for side, own in held_out:
            share += 0.0 if side in given else own
            if place < share * 2**64:
                return side
        return "train"

    def _limited(self, items: list[Item], most: int | None) -> Sequence[Item]:
        """The first by lot: each has its own, so pictures added later displace few."""
        lots = sorted(items, key=lambda item: _hash(f"{self.seed}/{item.key}"))
        return sorted(lots[:most], key=lambda item: item.key)


def _hash(text: str) -> int:
    """64 bits, by the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode(errors="surrogateescape")).digest()[:8], "big")
