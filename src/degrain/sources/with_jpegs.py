"""Pictures as they are, and also as JPEGs.

Cameras and the web store colour at half the resolution. A network that has only seen lossless colour cannot know how
smooth that is, and gives away a tenth of a decibel where noise is low.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from degrain.errors import ImageError
from degrain.images.finite import check_clean
from degrain.images.picture import Picture
from degrain.noise.draw import NumpyDraw
from degrain.noise.jpeg import Jpeg
from degrain.sources.base import Item
from degrain.sources.changed import ChangedItem

QUALITY = range(85, 98)  # what cameras write: blocks are not to be seen


@dataclass(frozen=True)
class JpegItem(ChangedItem):
    """An item as a JPEG would have kept it, its chroma halved.

    Attributes:
        number: which JPEG of this picture, from 1 on; each has its own quality.
    """

    number: int = 1

    @property
    def key(self) -> str:
        """Of the whole, marked."""
        return f"{self.whole.key}.as-jpeg{self.number}"

    @property
    def quality(self) -> int:
        """By the name, so that it is the same each time."""
        return QUALITY[hashlib.sha256(self.key.encode(errors="surrogateescape")).digest()[0] % len(QUALITY)]

    def load(self) -> Picture:
        """Open it, code and decode it. Raises ImageError, also for what no JPEG can hold."""
        picture = self.whole.load()
        check_clean(picture)
        draw = NumpyDraw(np.random.default_rng(0))  # JPEG draws nothing
        try:
            return picture.with_unit(Jpeg(self.quality).apply(picture.unit(), draw))
        except ImageError as error:
            raise ImageError(f"{picture.source}, as a JPEG: {error}", error.hint) from error


def with_jpegs(items: Sequence[Item], copies: int) -> Sequence[Item]:
    """Pictures and their JPEGs, sorted by key.

    Args:
        items: of one side of a split.
        copies: JPEGs of each; three make every fourth picture one that was never a JPEG.
    """
    jpegs = [JpegItem(item, number + 1) for item in items for number in range(copies)]
    return sorted([*items, *jpegs], key=lambda item: item.key)
