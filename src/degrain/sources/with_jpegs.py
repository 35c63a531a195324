"""A source whose pictures come twice: as they are, and as JPEGs.

Cameras and the web store colour at half the resolution. A network that has only seen lossless colour cannot know how
smooth that is, and gives away a tenth of a decibel where noise is low.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from degrain.images.picture import Picture
from degrain.noise.draw import NumpyDraw
from degrain.noise.jpeg import Jpeg
from degrain.sources.base import Item, Source
from degrain.sources.changed import ChangedItem

QUALITY = range(85, 98)  # what cameras write: blocks are not to be seen


@dataclass(frozen=True)
class JpegItem(ChangedItem):
    """An item as a JPEG would have kept it, its chroma halved."""

    @property
    def key(self) -> str:
        """Of the whole, marked."""
        return f"{self.whole.key}.as-jpeg"

    @property
    def quality(self) -> int:
        """By the name, so that it is the same each time."""
        return QUALITY[hashlib.sha256(self.whole.key.encode(errors="surrogateescape")).digest()[0] % len(QUALITY)]

    def load(self) -> Picture:
        """Open it, code and decode it. Raises UnreadableImage."""
        picture = self.whole.load()
        draw = NumpyDraw(np.random.default_rng(0))  # JPEG draws nothing
        return picture.with_unit(Jpeg(self.quality).apply(picture.unit(), draw))


@dataclass(frozen=True)
class WithJpegs:
    """The pictures of a source and their JPEGs."""

    source: Source

    def items(self) -> Sequence[Item]:
        """Sorted by key. Raises TrainingError as the source does."""
        items = self.source.items()
        return sorted([*items, *map(JpegItem, items)], key=lambda item: item.key)

    def missing(self) -> Sequence[str]:
        """As the source says."""
        return self.source.missing()
