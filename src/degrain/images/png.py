"""PNG, 8 and 16 bit, by libpng (Pillow would cut 16-bit colour to 8); the chunks around the pixels by hand.

W3C PNG Specification (Third Edition), sections 5 and 11.
"""

import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

import imagecodecs
import numpy as np

from degrain.errors import ImageError
from degrain.images.exif import strip_prefix
from degrain.images.formats import Extent, Parts
from degrain.images.keep import Density, Keep
from degrain.images.picture import Picture

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_END = 33  # signature and IHDR, always so long
PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}  # what the decoder needs
CARRIED = {b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
XMP_KEY = b"XML:com.adobe.xmp"
MAX_INFLATED = 1 << 25  # bytes of a profile or XMP packet
DEFLATE_BEST = 1032  # deflate cannot shrink by more: a header that promises more pixels lies
KINDS = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16)), 6: (4, (8, 16))}
"""Colour type: channels, and the depths it has."""
INCH = 0.0254  # metres
MOST = 2**31 - 1  # what a number of four bytes may be in PNG
LEVEL = 4  # of compression: 4 % larger than the slowest, in a tenth of its time


class Chunk(NamedTuple):
    """One chunk; its checksum has been compared."""

    kind: bytes
    data: bytes


def probe(file: BinaryIO) -> Extent:
    """Size from IHDR, frames from acTL."""
    found = {kind: file.read(length) for kind, length in _walk(file) if kind in (b"IHDR", b"acTL")}
    width, height = struct.unpack_from(">II", found[b"IHDR"])
    return Extent(height, width, struct.unpack_from(">I", found[b"acTL"])[0] if b"acTL" in found else 1)


def decode(file: BinaryIO) -> Picture:
    """The pixels; palettes and tRNS expanded to RGB or RGBA, less than 8 bit to 8."""
    stream, rest = bytearray(SIGNATURE), []
    for kind, length in _walk(file):
        chunk = _checked(kind, file.read(length), file.read(4))
        if chunk and kind in PIXELS:
            stream += _packed(*chunk)
        elif chunk:
            rest.append(chunk)
    _refuse(stream)
    return Picture.of_array(imagecodecs.png_decode(stream), keep=_keep(rest))


def encode(picture: Picture) -> Parts:
    """Signature and IHDR, the chunks kept, then the pixels."""
    array = np.ascontiguousarray(picture.array(), dtype=picture.samples.dtype.newbyteorder("="))
    pixels = memoryview(imagecodecs.png_encode(array, level=LEVEL))
    return [pixels[:HEADER_END], *(_packed(*chunk) for chunk in _chunks(picture.keep)), pixels[HEADER_END:]]


def _walk(file: BinaryIO) -> Iterable[tuple[bytes, int]]:
    """Kind and length of each chunk up to IEND, the file standing at its data."""
    position = file.seek(len(SIGNATURE))
    kind = b""
    while kind != b"IEND":
        header = file.read(8)
        if len(header) < 8:
            raise ImageError("the file ends before its IEND chunk")
        length, kind = struct.unpack(">I4s", header)
        yield kind, length
        position = file.seek(position + 12 + length)


def _refuse(stream: bytes | bytearray) -> None:
    """A header that no PNG has, or that promises more pixels than the data can hold."""
    width, height, depth, colour = struct.unpack_from(">IIBB", stream, 16)
    channels, depths = KINDS.get(colour, (0, ()))
    if depth not in depths:
        raise ImageError(f"the header says colour type {colour} with {depth} bits, which PNG does not have")
    if height * width * depth * channels / 8 > DEFLATE_BEST * len(stream):
        raise ImageError(f"the header says {width} x {height} pixels, but the file is too short for that")


def _checked(kind: bytes, data: bytes, checksum: bytes) -> Chunk | None:
    """The chunk, or None when it is damaged and the pixels can do without it."""
    if checksum == struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))):
        return Chunk(kind, data)
    if kind in PIXELS:
        raise ImageError(f"the {kind.decode('ascii', 'replace')} chunk is damaged or cut short")
    return None


def _packed(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _keep(chunks: Iterable[Chunk]) -> Keep:
    found = {chunk.kind: chunk.data for chunk in chunks}
    xmp = next((chunk.data for chunk in chunks if _is_xmp(chunk)), None)
    return Keep(
        format="PNG",
        icc=_inflate(found[b"iCCP"].partition(b"\0")[2][1:]) if b"iCCP" in found else None,
        exif=strip_prefix(found.get(b"eXIf")),
        xmp=_international_text(xmp) if xmp else None,
        density=_density(found[b"pHYs"]) if len(found.get(b"pHYs", b"")) == 9 else None,
        coding={"chunks": [chunk for chunk in chunks if chunk.kind in CARRIED and not _is_xmp(chunk)]},
    )


def _is_xmp(chunk: Chunk) -> bool:
    return chunk.kind == b"iTXt" and chunk.data.startswith(XMP_KEY + b"\0")


def _international_text(data: bytes) -> bytes | None:
    """The text of an iTXt chunk: keyword, 0, compressed?, method, language, 0, translated keyword, 0, text."""
    _, _, rest = data.partition(b"\0")
    text = rest[2:].split(b"\0", 2)[-1]
    return _inflate(text) if rest[:1] == b"\1" else text


def _inflate(data: bytes) -> bytes | None:
    """Inflated, or None when damaged or suspiciously large."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, MAX_INFLATED)
    except zlib.error:
        return None
    return plain if inflater.eof else None


def _density(data: bytes) -> Density:
    x, y, unit = struct.unpack(">IIB", data)
    return Density(x * INCH, y * INCH) if unit == 1 else Density(x, y, "none")


def _chunks(keep: Keep) -> Iterable[Chunk]:
    """What stands between IHDR and the pixels; a profile replaces the coarser gAMA, cHRM and sRGB by itself."""
    yield from keep.coding_of("PNG").get("chunks", ())
    if keep.icc:
        yield Chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(keep.icc))
    if keep.density:
        with_unit = keep.density.dpi is not None
        x, y = keep.density.counted(1 / INCH, MOST) if with_unit else (round(keep.density.x), round(keep.density.y))
        if 0 < max(x, y) <= MOST:
            yield Chunk(b"pHYs", struct.pack(">IIB", x, y, with_unit))
    if keep.exif:
        yield Chunk(b"eXIf", keep.exif)
    if keep.xmp:
        yield Chunk(b"iTXt", XMP_KEY + b"\0\0\0\0\0" + keep.xmp)
