"""A source lists pictures and opens them; cropping, noise and splitting are written once, elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from degrain.errors import TrainingError
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


@dataclass(frozen=True)
class Scene:
    """An item that was captured with its noise, once or several times; its picture is the clean one.

    Attributes:
        key, group, side: as of every item.
        shots: the noisy captures, one at least, all of one size.
        clean: the same scene without noise, where there is such a picture.
    """

    key: str
    group: str
    shots: Sequence[Item]
    clean: Item | None
    side: Side | None = None

    def load(self) -> Picture:
        """Open the clean picture. Raises UnreadableImage, or TrainingError when there is none."""
        if self.clean is None:
            raise TrainingError(f"{self.key} has no clean picture", hint="data.shots=captured trains on its shots")
        return self.clean.load()


class Source(Protocol):
    """A data set."""

    def items(self) -> Sequence[Item]:
        """Everything there is, sorted by key. Raises TrainingError when that is nothing."""
        ...

    def missing(self) -> Sequence[str]:
        """What the whole data set has and this copy lacks, one line each."""
        ...
