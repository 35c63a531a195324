"""A picture in memory: its samples as stored, the way to unit range, and all that must go back into the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from degrain.images.scale import PixelScale, Samples, Unit


@dataclass(frozen=True)
class Picture:
    """One picture.

    The samples stay in their stored type, a quarter of the memory that float32 would take; whoever computes
    asks for the part it needs in unit range.

    Attributes:
        samples: (H, W, C) in the stored type, C = 1 or 3; upright, orientation applied.
        scale: stored samples <-> unit range.
        keep: alpha, EXIF, ICC, palette, ...: opaque to all but the module that reads and writes the format.
        source: where it came from, for messages.
    """

    samples: Samples
    scale: PixelScale
    keep: Mapping[str, Any] = field(default_factory=dict)
    source: str = "array"

    @property
    def height(self) -> int:
        """Rows, in pixels."""
        return self.samples.shape[0]

    @property
    def width(self) -> int:
        """Columns, in pixels."""
        return self.samples.shape[1]

    @property
    def channels(self) -> int:
        """1 for gray, 3 for colour; alpha is not counted."""
        return self.samples.shape[2]

    def unit(self) -> Unit:
        """The whole picture as (C, H, W) float32 in unit range."""
        return self.scale.to_unit(self.samples).transpose(2, 0, 1)

    def with_unit(self, unit: Unit) -> "Picture":
        """A picture of the same kind with other pixels, (C, H, W) in unit range."""
        return self.with_samples(self.scale.to_stored(unit.transpose(1, 2, 0)))

    def with_samples(self, samples: Samples) -> "Picture":
        """A picture of the same kind with other stored samples, (H, W, C)."""
        return replace(self, samples=samples)
