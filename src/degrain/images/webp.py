"""WebP: libwebp for the pixels, its RIFF container by hand to learn size, frames and whether it is lossless.

RFC 9649 (container, VP8L); RFC 6386, 9.1 (VP8 frame header).
"""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

import imagecodecs

from degrain.errors import ImageError
from degrain.images.exif import strip_prefix
from degrain.images.formats import Extent, Parts
from degrain.images.keep import Keep
from degrain.images.picture import Picture
from degrain.images.pillow import image_of

LOSSLESS = {"lossless": True, "exact": True}  # exact: colours under transparent pixels too
LOSSY = {"quality": 95}


def probe(file: BinaryIO) -> Extent:
    """Size and frames; the size stands in the first chunk, in one of three ways."""
    chunks = list(_chunks(file.read()))
    kind, data = chunks[0]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(data[start : start + 3], "little") for start in (4, 7))
    elif kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 1)[0]
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 6))
    else:
        raise ImageError("the file does not start with a picture")
    return Extent(height, width, max(1, sum(kind == b"ANMF" for kind, _ in chunks)))


def decode(file: BinaryIO) -> Picture:
    """RGB or RGBA; WebP has no gray."""
    data = file.read()
    found = {kind: bytes(content) for kind, content in _chunks(data) if kind in (b"ICCP", b"EXIF", b"XMP ", b"VP8L")}
    keep = Keep(
        format="WebP",
        icc=found.get(b"ICCP"),
        exif=strip_prefix(found.get(b"EXIF")),
        xmp=found.get(b"XMP "),
        coding=LOSSLESS if b"VP8L" in found else LOSSY,
    )
    return Picture.of_array(imagecodecs.webp_decode(data), keep=keep)


def encode(picture: Picture) -> Parts:
    """Lossless, unless the source was a lossy WebP; alpha is lossless always."""
    keep, file = picture.keep, io.BytesIO()
    icc = b"" if keep.icc is None or keep.icc[16:20] == b"GRAY" else keep.icc  # ICC.1, 7.2.6: WebP has colour alone
    image_of(picture.array()).save(
        file,
        "WEBP",
        icc_profile=icc,
        exif=keep.exif or b"",
        xmp=keep.xmp or b"",
        **(keep.coding_of("WebP") or LOSSLESS),
    )
    return [file.getbuffer()]


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and content of each chunk of the RIFF file."""
    position, view = 12, memoryview(data)
    end = 8 + struct.unpack_from("<I", data, 4)[0]  # what an editor left behind it is none of the picture
    while position + 8 <= min(end, len(data)):
        kind, length = struct.unpack_from("<4sI", data, position)
        if position + 8 + length > len(data):
            raise ImageError("the file is cut short")
        yield kind, view[position + 8 : position + 8 + length]
        position += 8 + length + length % 2
