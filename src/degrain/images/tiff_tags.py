"""What a TIFF says beside its pixels: resolution, XMP, text and geography tags, EXIF.

In TIFF, EXIF is no block of its own: its first directory is the picture's, the others hang on tags of it.
"""

import io
import math
import struct
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, BinaryIO

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from tifffile import RESUNIT, TiffFile, TiffPage

from degrain.images.exif import ORIENTATION
from degrain.images.keep import Density, Keep

DESCRIPTION, XMP, EXIF, GPS, INTEROPERABILITY = 270, 700, 0x8769, 0x8825, 0xA005
TEXTS = (270, 271, 272, 305, 306, 315, 33432)  # description, make, model, software, date, artist, copyright
SHAPE = b'{"shape'  # what tifffile describes arrays with, for itself
NO_DATA = 42113
GEOGRAPHY = (33550, 33922, 34264, 34735, 34736, 34737, 42112, NO_DATA)  # GeoTIFF and GDAL
CARRIED = (269, 285, 316, 33723, *TEXTS, *GEOGRAPHY)
RESERVED = -1  # tifffile writes no pointers to directories: the tag before, free and in order, holds the place
BYTE, ASCII, LONG = 1, 2, 4
UNITS: dict[Any, Any] = {RESUNIT.INCH: "inch", RESUNIT.CENTIMETER: "cm", RESUNIT.NONE: "none"}

Tag = tuple[int, int, int, Any, bool]  # code, type, count, value, written in the first directory


def density(page: TiffPage) -> Density | None:
    """Resolution, in the unit of the file (microscopes write pixels per micrometre, unit none)."""
    if not {"XResolution", "YResolution"} <= {tag.name for tag in page.tags}:
        return None
    try:
        x, y = (above / below if below else 0.0 for above, below in (page.tags[282].value, page.tags[283].value))
    except (TypeError, ValueError):  # no fractions
        return None
    unit = page.tags.valueof(296, default=RESUNIT.INCH)
    return Density(x, y, UNITS.get(unit, "none")) if x > 0 and y > 0 else None


def no_data(page: TiffPage) -> float | None:
    """The value that stands for no measurement, as GDAL writes it; None where all are measured, and for NaN."""
    with suppress(ValueError, TypeError):  # no number
        value = float(page.tags.valueof(NO_DATA, default="nan"))
        return value if math.isfinite(value) else None
    return None


def xmp(page: TiffPage) -> bytes | None:
    """The XMP packet."""
    value = page.tags.valueof(XMP)
    return bytes(value) if value and isinstance(value, (bytes, tuple)) and max(value) < 256 else None


def carried(page: TiffPage) -> list[Tag]:
    """Tags that go back into a TIFF as they are."""
    tags = [_text_or_value(page.tags[code]) for code in CARRIED if code in page.tags]
    return [tag for tag in tags if not (isinstance(tag[3], bytes) and tag[3].startswith(SHAPE))]


def exif(page: TiffPage, file: BinaryIO) -> bytes | None:
    """The EXIF block that a JPEG or PNG of this picture would carry, orientation as stored."""
    block = Image.Exif()
    for code in (ORIENTATION, *TEXTS):
        if code in page.tags and not str(page.tags[code].value).startswith(SHAPE.decode()):
            value = page.tags[code].value
            block[code] = value.encode() if isinstance(value, str) else value  # Pillow would write ASCII alone
    with suppress(Exception):  # a damaged directory is no reason to refuse the pixels
        stored = Image.Exif()
        file.seek(0)
        stored.load_from_fp(file)
        for code in (EXIF, GPS):
            if code in page.tags:
                block[code] = _plain(stored.get_ifd(code))
    return block.tobytes(8).removeprefix(b"Exif\0\0") if len(block) else None


def written(keep: Keep, tags: Iterable[Tag]) -> dict[str, Any]:
    """Keywords for tifffile's writer."""
    extra = {tag[0]: tag for tag in (*_exif_tags(keep.exif), *tags)}
    if keep.xmp:
        extra[XMP] = (XMP, BYTE, len(keep.xmp), keep.xmp, True)
    keywords: dict[str, Any] = {"extratags": list(extra.values())}
    if keep.density:
        units = {name: unit for unit, name in UNITS.items()}
        keywords |= {"resolution": (keep.density.x, keep.density.y), "resolutionunit": units[keep.density.unit]}
    return keywords


def append_exif(file: io.BytesIO, block: bytes | None) -> None:
    """Write the EXIF and GPS directories at the end of a finished TIFF, and point the tags left for them there."""
    if not block:
        return
    source = _loaded(block)
    file.seek(0)
    with TiffFile(file) as tiff:
        page = tiff.pages.first
        for code in (EXIF, GPS):
            if code + RESERVED in page.tags:
                offset = file.seek(0, io.SEEK_END)
                file.write(_directory(_plain(source.get_ifd(code)), tiff.byteorder, offset))
                pointer = page.tags[code + RESERVED]
                pointer.overwrite(offset)
                file.seek(pointer.offset)
                file.write(struct.pack(tiff.byteorder + "H", code))


def _exif_tags(block: bytes | None) -> list[Tag]:
    """Texts of the first EXIF directory, and a place for the offset of each further one."""
    source = _loaded(block or b"")
    texts = [(code, ASCII, 0, _bytes(str(source[code])), True) for code in TEXTS if code in source]
    return [*texts, *((code + RESERVED, LONG, 1, 0, True) for code in (EXIF, GPS) if source.get_ifd(code))]


def _loaded(block: bytes) -> Image.Exif:
    source = Image.Exif()
    with suppress(Exception):  # no EXIF is better than no picture
        source.load(block)
    return source


def _plain(directory: dict[int, Any]) -> dict[int, Any]:
    """A directory without the pointer to its sub-directory, which would point nowhere."""
    return {code: value for code, value in directory.items() if code != INTEROPERABILITY}


def _directory(values: dict[int, Any], byteorder: str, offset: int) -> bytes:
    mark = b"II" if byteorder == "<" else b"MM"
    directory = ImageFileDirectory_v2(mark + struct.pack(byteorder + "HI", 42, 8))
    for code, value in values.items():
        directory[code] = _bytes(value) if isinstance(value, str) else value
        if isinstance(value, str):
            directory.tagtype[code] = ASCII
    return directory.tobytes(offset)


def _bytes(text: str) -> bytes:
    """As they stood in the file: Pillow takes each for a character."""
    return text.encode("latin-1", "replace")


def _text_or_value(tag: Any) -> Tag:
    """Text as bytes: tifffile refuses to write what is not ASCII otherwise."""
    value = tag.value.encode() if isinstance(tag.value, str) else tag.value
    return tag.code, int(tag.dtype), 0 if isinstance(value, bytes) and tag.dtype == ASCII else tag.count, value, True
