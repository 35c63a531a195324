"""Read a picture: the format by its first bytes, the limits by its header, every decoder failure as one error."""

import io
import logging
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

from degrain.errors import ImageError, UnreadableImage
from degrain.images.formats import FORMATS, Extent, Format, by_first_bytes, foreign
from degrain.images.orientation import upright
from degrain.images.picture import Picture

MAX_PIXELS = 200_000_000
MAX_FILE = 2_000_000_000  # bytes
DECODERS = ("tifffile", "imagecodecs")
FIRST_BYTES = 160  # a DICOM file says so at byte 128

for decoder in DECODERS:
    logging.getLogger(decoder).addHandler(logging.NullHandler())  # what they would print is in our error


def read(source: str | os.PathLike[str] | bytes | bytearray | memoryview, *, max_pixels: float = MAX_PIXELS) -> Picture:
    """Read one picture, upright, with all that must go back into a file.

    The format is told by the first bytes, whatever the name says. Palettes become RGB or RGBA, 1-bit becomes
    8-bit gray, CMYK becomes RGB (see ``colour.cmyk_to_rgb``); everything else keeps its mode and depth.

    Args:
        source: a path, or the bytes of a file.
        max_pixels: a picture with more (height x width) is refused before it is decoded.

    Raises:
        UnreadableImage: missing, not a file, damaged, too large, of an unknown kind, or of several frames.
    """
    with _opened(source) as (file, name), _one_error(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # decoders warn of what is harmless or an error anyway
        row = _format(file)
        with _one_error(name, row):
            _check(row.codec.probe(file), max_pixels)
            file.seek(0)
            picture = row.codec.decode(file)
    return upright(replace(picture, source=name))


@contextmanager
def _opened(source: str | os.PathLike[str] | bytes | bytearray | memoryview) -> Iterator[tuple[BinaryIO, str]]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield io.BytesIO(source), "input"
        return
    try:
        name = os.fspath(source)
    except TypeError as error:
        raise UnreadableImage(f"a picture file is a path or its bytes, got {type(source).__name__}") from error
    try:
        file = open(name, "rb", opener=_without_waiting)  # noqa: SIM115 pathlib has no opener
    except (OSError, ValueError) as error:
        raise UnreadableImage(f"{name}: {getattr(error, 'strerror', None) or error}") from error
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise UnreadableImage(f"{name}: not a regular file")
        yield file, name


def _without_waiting(path: str, flags: int) -> int:
    """Opens a pipe even when nobody writes to it, so that it can be refused."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@contextmanager
def _one_error(name: str, row: Format | None = None) -> Iterator[None]:
    """Whatever a decoder raises becomes an UnreadableImage that names the file."""
    try:
        yield
    except UnreadableImage:
        raise
    except ImageError as error:
        raise UnreadableImage(f"{name}: {error}", error.hint) from error
    except MemoryError as error:
        raise UnreadableImage(f"{name}: not enough memory to decode it") from error
    except Exception as error:
        kind = row.name if row else "file"
        raise UnreadableImage(f"{name}: damaged or unsupported {kind} ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    """What the decoder said, when it said something; else the name of its error."""
    text = str(error)
    return text.splitlines()[0][:120] if " " in text else type(error).__name__


def _format(file: BinaryIO) -> Format:
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        raise ImageError("the file is empty")
    if size > MAX_FILE:
        raise ImageError(f"the file has {size / 1e9:.1f} GB, more than the limit of {MAX_FILE / 1e9:.0f} GB")
    file.seek(0)
    start = file.read(FIRST_BYTES)
    file.seek(0)
    row = by_first_bytes(start)
    if row is None:
        raise ImageError(f"this is {foreign(start)}", hint=f"degrain reads {', '.join(row.name for row in FORMATS)}")
    return row


def _check(extent: Extent, max_pixels: float) -> None:
    pixels = extent.height * extent.width
    if pixels < 1:
        raise ImageError(f"the header says {extent.width} x {extent.height} pixels")
    if not pixels <= max_pixels:  # nor is anything below NaN
        raise ImageError(
            f"{extent.width} x {extent.height} = {pixels / 1e6:.1f} megapixels, "
            f"more than the limit of {max_pixels / 1e6:g}",
            hint="if you trust the file: --max-megapixels, or max_pixels in Python",
        )
    if extent.frames > 1:
        raise ImageError(
            f"it holds {extent.frames} or more frames or pages; only single pictures are supported",
            hint="split it into one file for each frame",
        )
