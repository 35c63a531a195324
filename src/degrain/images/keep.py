"""What a picture carries besides its colours, so that the file that comes out is of the kind that went in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from degrain.images.scale import Samples


@dataclass(frozen=True)
class Density:
    """Resolution: pixels per ``unit`` along x and y; unit ``"none"`` gives only their ratio."""

    x: float
    y: float
    unit: Literal["inch", "cm", "none"] = "inch"

    @property
    def dpi(self) -> tuple[float, float] | None:
        """Pixels per inch (x, y), or None when the unit is unknown."""
        inches = {"inch": 1.0, "cm": 2.54}.get(self.unit)
        return (self.x * inches, self.y * inches) if inches else None

    def counted(self, inches: float, most: int) -> tuple[int, int]:
        """Whole pixels in so many inches (x, y); zeros, for unsaid, without a unit or above what a format can hold."""
        dpi = self.dpi or (0.0, 0.0)
        x, y = (round(side * inches) for side in dpi)
        return (x, y) if max(x, y) <= most else (0, 0)

    def turned(self) -> "Density":
        """The density of the picture with rows and columns swapped."""
        return Density(self.y, self.x, self.unit)


@dataclass(frozen=True)
class Keep:
    """Everything of a picture that is not denoised and must go back.

    Attributes:
        format: name of the format it came in, a row of ``formats.FORMATS``; None for an array.
        alpha: (H, W), in the stored type; None when opaque.
        premultiplied: whether the colours are already multiplied by alpha (TIFF only).
        channel_axis: whether a gray array had an axis for its one channel.
        icc: ICC profile.
        exif: EXIF block, from its byte order mark on; orientation 1, without thumbnail.
        xmp: XMP packet.
        density: resolution.
        coding: how the format coded the samples (quantisation tables, compression, strips, text, ...):
            read and written by that format's module alone.
    """

    format: str | None = None
    alpha: Samples | None = None
    premultiplied: bool = False
    channel_axis: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    density: Density | None = None
    coding: Mapping[str, Any] = field(default_factory=dict)

    def coding_of(self, format: str) -> Mapping[str, Any]:  # noqa: A002 the field's name
        """``coding`` when the picture came in that format, else nothing."""
        return self.coding if self.format == format else {}


NOTHING = Keep()
