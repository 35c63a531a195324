"""The table of file formats: what each is known by, what it can hold, which module reads and writes it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import BinaryIO, Protocol, cast

from degrain.images.picture import DTYPES, Picture

Parts = Sequence[bytes | bytearray | memoryview]  # a file in pieces, so that nothing is copied to join them


@dataclass(frozen=True)
class Extent:
    """What a file's header says of its size, in pixels and frames."""

    height: int
    width: int
    frames: int = 1


class Codec(Protocol):
    """A module that reads and writes one format. It raises ImageError or whatever its decoder raises."""

    def probe(self, file: BinaryIO) -> Extent:
        """Size and frames from the header; no pixels are decoded."""
        ...

    def decode(self, file: BinaryIO) -> Picture:
        """The picture as stored: not yet turned upright, EXIF and XMP untouched."""
        ...

    def encode(self, picture: Picture) -> Parts:
        """The bytes of a whole file. ``keep.coding`` is its own only when ``keep.format`` is."""
        ...


@dataclass(frozen=True)
class Format:
    """One row of the table.

    Attributes:
        name: what people call it.
        suffixes: lower case, the usual one first.
        first_bytes: regular expression that the file starts with.
        module: name of the Codec.
        dtypes: NumPy names of the samples it can hold.
        alpha: whether it can hold transparency.
        longest: longest side, in pixels.
        plain: whether values mean themselves, not a part of the range of their type.
    """

    name: str
    suffixes: tuple[str, ...]
    first_bytes: bytes
    module: str
    dtypes: frozenset[str]
    alpha: bool = True
    longest: int = 2**31 - 1
    plain: bool = False

    @property
    def codec(self) -> Codec:
        """The module, imported on first use."""
        return cast(Codec, import_module(f"degrain.images.{self.module}"))


FORMATS = (
    Format("PNG", (".png",), rb"\x89PNG\r\n\x1a\n", "png", frozenset({"uint8", "uint16"})),
    Format("JPEG", (".jpg", ".jpeg", ".jpe"), rb"\xff\xd8\xff", "jpeg", frozenset({"uint8"}), False, 65_500),
    Format("TIFF", (".tif", ".tiff"), rb"II[*+]\0|MM\0[*+]", "tiff", DTYPES - {"bool"}),
    Format("WebP", (".webp",), rb"RIFF....WEBP", "webp", frozenset({"uint8"}), True, 16_383),
    Format("BMP", (".bmp",), rb"BM", "bmp", frozenset({"uint8"}), True),
    Format("NumPy", (".npy",), rb"\x93NUMPY", "npy", DTYPES, plain=True),
)

SUFFIXES = tuple(suffix for row in FORMATS for suffix in row.suffixes)

# Formats that people try; named in the refusal so that they need not wonder.
FOREIGN = {
    rb"GIF8": "a GIF (256 colours at most; export it as PNG)",
    rb"....ftyp(avif|avis)": "an AVIF",
    rb"....ftyp(heic|heix|mif1|msf1|hevc)": "a HEIC photo",
    rb"\xff\x0a|....JXL ": "a JPEG XL",
    rb"....jP  |\xff\x4f\xff\x51": "a JPEG 2000",
    rb".{128}DICM": "a DICOM file",
    rb"8BPS": "a Photoshop file",
    rb"%PDF": "a PDF",
    rb"%!PS": "a PostScript file",
    rb"\s*(<\?xml|<svg)": "an XML or SVG file",
    rb"P[1-7]\s": "a Netpbm file",
    rb"\x76\x2f\x31\x01": "an OpenEXR file",
}


def by_first_bytes(start: bytes) -> Format | None:
    """The format that a file with these first bytes has."""
    return next((row for row in FORMATS if re.match(row.first_bytes, start, re.DOTALL)), None)


def by_suffix(name: str | PurePath) -> Format | None:
    """The format that a file name asks for."""
    suffix = PurePath(name).suffix.lower()
    return next((row for row in FORMATS if suffix in row.suffixes), None)


def by_name(name: str | None) -> Format | None:
    """The row of the table called so."""
    return next((row for row in FORMATS if row.name == name), None)


def foreign(start: bytes) -> str:
    """What a file of none of these formats seems to be."""
    return next(
        (what for pattern, what in FOREIGN.items() if re.match(pattern, start, re.DOTALL)),
        "no picture format that is known here",
    )
