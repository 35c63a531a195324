"""Orientation in EXIF and XMP: read, and reset in place, so that every other byte (maker notes) stays as it was.

Layout: TIFF 6.0, section 2; Exif 2.32 (CIPA DC-008), 4.5 and 4.6.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress

ORIENTATION = 0x0112
THUMBNAIL_OFFSET, THUMBNAIL_LENGTH = 0x0201, 0x0202
RESOLUTION = 0x011A, 0x011B  # along x and y
DETAILS, SIZE = 0x8769, (0xA002, 0xA003)  # where the Exif directory lies; in it, pixels along x and y
SHORT = 3
INTEGERS = {1: "B", SHORT: "H", 4: "I"}  # types that an orientation is found in: struct's letter for each
ENTRY = 12  # bytes: tag, type, count, value

_XMP_ORIENTATION = re.compile(rb"""(tiff:Orientation\s*(?:=\s*["']|>\s*))(\d+)""")


def strip_prefix(exif: bytes | None) -> bytes | None:
    """The block from its byte order mark on, without the ``Exif`` that JPEG puts before it; None when empty."""
    return (exif or b"").removeprefix(b"Exif\0\0") or None


def orientation(exif: bytes | None, xmp: bytes | None = None) -> int:
    """How the stored picture must be turned, 1 to 8; EXIF goes before XMP; 1 when unsaid, damaged or unknown."""
    value = _exif_orientation(exif) or _xmp_orientation(xmp) or 1
    return value if 1 <= value <= 8 else 1


def upright(exif: bytes | None) -> bytes | None:
    """The block of a picture that has been turned: orientation 1, its sides to match, no thumbnail.

    None when it is damaged.
    """
    try:
        return None if exif is None else _upright(exif)
    except (struct.error, IndexError):
        return None


def upright_xmp(xmp: bytes | None) -> bytes | None:
    """The XMP packet with orientation 1."""
    return None if xmp is None else _XMP_ORIENTATION.sub(rb"\g<1>1", xmp)


def _upright(exif: bytes) -> bytes:
    block = bytearray(exif)
    order, first = _header(exif)
    entries = dict(_entries(exif, order, first))
    if _exif_orientation(exif) in (5, 6, 7, 8):  # rows and columns change places
        _swap(block, entries, *RESOLUTION)
        with suppress(struct.error, KeyError):
            details = struct.unpack_from(order + "I", block, entries[DETAILS] + 8)[0]
            _swap(block, dict(_entries(block, order, details)), *SIZE)
    if ORIENTATION in entries:
        struct.pack_into(order + "HIHH", block, entries[ORIENTATION] + 2, SHORT, 1, 1, 0)
    link = first + 2 + ENTRY * len(list(_entries(exif, order, first)))
    if link + 4 <= len(block):
        with suppress(struct.error):  # a damaged one is no reason to lose the rest
            _erase_thumbnail(block, order, struct.unpack_from(order + "I", exif, link)[0], behind=link + 4)
        struct.pack_into(order + "I", block, link, 0)
    return bytes(block)


def _swap(block: bytearray, entries: Mapping[int, int], one: int, other: int) -> None:
    """Let two entries of a directory change their types and values."""
    if one in entries and other in entries:
        ours, theirs = (slice(entries[tag] + 2, entries[tag] + ENTRY) for tag in (one, other))
        block[ours], block[theirs] = block[theirs], block[ours]


def _erase_thumbnail(block: bytearray, order: str, directory: int, behind: int) -> None:
    """Zero the pixels of the second directory, which lie behind the first: they show the picture as it was."""
    if not 0 < directory < len(block) - 2:
        return
    places = dict(_entries(block, order, directory))
    if THUMBNAIL_OFFSET in places and THUMBNAIL_LENGTH in places:
        start, length = (
            struct.unpack_from(order + "I", block, places[tag] + 8)[0] for tag in (THUMBNAIL_OFFSET, THUMBNAIL_LENGTH)
        )
        if start < behind:
            return
        stop = min(start + length, len(block))
        block[start:stop] = bytes(max(0, stop - start))
        if stop == len(block) and start > directory:
            del block[start:]


def _header(exif: bytes) -> tuple[str, int]:
    """Byte order for struct, and where the first directory lies."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        raise IndexError("no byte order mark")
    return order, struct.unpack_from(order + "I", exif, 4)[0]


def _entries(exif: bytes | bytearray, order: str, directory: int) -> Iterator[tuple[int, int]]:
    """Tag and position of each entry of a directory."""
    (count,) = struct.unpack_from(order + "H", exif, directory)
    for position in range(directory + 2, directory + 2 + ENTRY * count, ENTRY):
        yield struct.unpack_from(order + "H8xxx", exif, position)[0], position


def _exif_orientation(exif: bytes | None) -> int | None:
    try:
        order, first = _header(exif or b"")
        position = dict(_entries(exif or b"", order, first))[ORIENTATION]
        (kind,) = struct.unpack_from(order + "H", exif or b"", position + 2)
        (value,) = struct.unpack_from(order + INTEGERS[kind], exif or b"", position + 8)
    except (struct.error, IndexError, KeyError):
        return None
    return int(value)


def _xmp_orientation(xmp: bytes | None) -> int | None:
    found = _XMP_ORIENTATION.search(xmp or b"")
    return int(found[2][:2]) if found else None
