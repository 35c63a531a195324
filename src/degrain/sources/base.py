"""A source lists pictures and opens them; cropping, noise and splitting are written once, elsewhere."""

from collections.abc import Sequence
from typing import Literal, Protocol

from degrain.images.picture import Picture

Split = Literal["train", "valid", "test", "all"]


class Item(Protocol):
    """One picture of a data set, not yet opened."""

    @property
    def key(self) -> str:
        """Stable and unique in its source: what reports and seeds refer to."""
        ...

    @property
    def group(self) -> str:
        """What must not straddle splits (the patient, the scene); splits hash it."""
        ...

    def load(self) -> Picture:
        """Open it. Raises UnreadableImage."""
        ...


class Source(Protocol):
    """A data set."""

    def items(self, split: Split) -> Sequence[Item]:
        """The items of one split, sorted by key; no pixels are read."""
        ...
