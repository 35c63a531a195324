"""What a data set holds, side by side, and what it lacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from degrain.sources.base import Item
from degrain.sources.duplicates import ALIKE, Floats, fingerprint, similarity
from degrain.sources.split import SIDES, Split


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
    """Count; and with ``twins`` read every picture and look for near-duplicates across sides.

    Raises:
        TrainingError: the source cannot be listed.
        UnreadableImage: a picture cannot be read.
    """
    sides = {"all": split.source.items(), **split.sides}
    counts = {side: Count(len(items), len({item.group for item in items})) for side, items in sides.items()}
    return Inventory(counts, split.source.missing(), list(_twins(split)) if twins else ())


def _twins(split: Split) -> Iterator[Twins]:
    items = {side: split.sides[side] for side in SIDES if split.sides[side]}
    prints = {side: _fingerprints(items[side]) for side in items}
    for index, side in enumerate(items):
        for other in list(items)[index + 1 :]:
            for row, one in enumerate(items[side]):
                likeness = similarity(prints[side][row : row + 1], prints[other])[0]
                yield from (Twins(one.key, items[other][column].key) for column in np.flatnonzero(likeness >= ALIKE))


def _fingerprints(items: Sequence[Item]) -> Floats:
    return np.stack([fingerprint(item.load()) for item in items])
