"""A source whose pictures are made smaller as they are opened: JPEGs are no clean targets at full size."""

from collections.abc import Sequence
from dataclasses import dataclass

from degrain.errors import TrainingError
from degrain.images.picture import Picture
from degrain.images.reduce import reduced
from degrain.sources.base import Item, Scene, Source
from degrain.sources.changed import ChangedItem


@dataclass(frozen=True)
class ReducedItem(ChangedItem):
    """An item, reduced when it is opened.

    Attributes:
        shorter: side in pixels that the shorter side is reduced to.
    """

    shorter: int

    def load(self) -> Picture:
        """Open and reduce it; see ``images.reduce``."""
        return reduced(self.whole.load(), self.shorter)


@dataclass(frozen=True)
class Reduced:
    """The pictures of a source with their shorter side reduced; smaller ones stay as they are.

    Attributes:
        source: of whole pictures.
        shorter: pixels.

    Raises:
        TrainingError: a side that is none.
    """

    source: Source
    shorter: int

    def __post_init__(self) -> None:
        if not isinstance(self.shorter, int) or isinstance(self.shorter, bool) or self.shorter < 1:
            raise TrainingError(f"source.reduce is a number of pixels from 1 on, or null; got {self.shorter!r}")

    def items(self) -> Sequence[Item]:
        """As the source lists them. Raises TrainingError for captures, whose noise would be averaged away."""
        items = self.source.items()
        if any(isinstance(item, Scene) for item in items):
            raise TrainingError("captures cannot be reduced: that would average their noise away")
        return [ReducedItem(item, self.shorter) for item in items]

    def missing(self) -> Sequence[str]:
        """As the source says."""
        return self.source.missing()
