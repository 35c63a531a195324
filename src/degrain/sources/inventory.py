"""What a data set holds, side by side, and what it lacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from degrain.sources.base import Item
from degrain.sources.duplicates import ALIKE, Floats, fingerprint, similarity
from degrain.sources.readable import readable
from degrain.sources.split import Split


@dataclass(frozen=True)
class Count:
    """Pictures, and the groups that they form."""

    pictures: int
    groups: int


@dataclass(frozen=True)
class Twins:
    """Two near-duplicates on different sides of a split, by their keys."""

    one: str
    other: str


@dataclass(frozen=True)
class Inventory:
    """What is there.

    Attributes:
        sides: counts of ``all``, ``train``, ``valid`` and ``test``.
        missing: what the whole data set has beside it, one line each.
        twins: near-duplicates across sides, when they were looked for.
    """

    sides: Mapping[str, Count]
    missing: Sequence[str]
    twins: Sequence[Twins] = ()


def take_inventory(split: Split, *, twins: bool = False) -> Inventory:
    """Count; and with ``twins`` read every picture that can be read and look for near-duplicates across sides.

    Raises:
        TrainingError: the source cannot be listed, or with ``twins`` none of its pictures can be read.
    """
    counts = {"all": _count(split.source.items())} | {side: _count(items) for side, items in split.sides.items()}
    return Inventory(counts, split.source.missing(), list(_twins(split)) if twins else ())


def _count(items: Sequence[Item]) -> Count:
    return Count(len(items), len({item.group for item in items}))


def _twins(split: Split) -> Iterator[Twins]:
    """Each picture against those of the sides before its own."""
    placed = ((side, item) for side, items in split.sides.items() for item in items)
    prints: dict[str, list[tuple[str, Floats]]] = {side: [] for side in split.sides}
    for side, key, own in readable(placed, lambda place: (place[0], place[1].key, fingerprint(place[1].load()))):
        prints[side].append((key, own))
    seen: list[tuple[str, Floats]] = []
    for of_side in prints.values():
        before = np.stack([one for _, one in seen]) if seen else None
        for key, own in of_side:
            likeness = similarity(own[np.newaxis], before)[0] if before is not None else np.empty(0)
            yield from (Twins(seen[int(place)][0], key) for place in np.flatnonzero(likeness >= ALIKE))
        seen += of_side
