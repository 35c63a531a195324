"""A source lists pictures and opens them; cropping, noise and splitting are written once, elsewhere."""

from collections.abc import Sequence
from typing import Literal, Protocol

from degrain.images.picture import Picture

Side = Literal["train", "valid", "test"]


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

    @property
    def side(self) -> Side | None:
        """Where the makers of the data set put it; None when they left that open."""
        ...

    def load(self) -> Picture:
        """Open it. Raises UnreadableImage."""
        ...


class Source(Protocol):
    """A data set."""

    def items(self) -> Sequence[Item]:
        """Everything there is, sorted by key. Raises TrainingError when that is nothing."""
        ...

    def missing(self) -> Sequence[str]:
        """What the whole data set has and this copy lacks, one line each."""
        ...
