"""JPEG, by Pillow. Back into JPEG goes what JPEG had: its quantisation tables, subsampling, progressive or not."""

import io
import struct
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageChops, JpegImagePlugin

from degrain.errors import ImageError
from degrain.images.colour import cmyk_to_rgb
from degrain.images.exif import strip_prefix
from degrain.images.formats import Extent, Parts
from degrain.images.keep import Density, Keep
from degrain.images.picture import Picture
from degrain.images.pillow import image_of, samples_of

HIGH_QUALITY = {"quality": 95, "subsampling": 0}  # for pictures that come from elsewhere
SEGMENT = 65_533  # bytes a marker segment can hold
MOST_DPI = 65_535
APP0, XMP_MARKER = 0xE0, 0xE1
XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
CARRIED = (b"Photoshop 3.0\0", b"http://ns.adobe.com/xmp/extension/\0")  # IPTC; what of XMP one segment cannot hold


def probe(file: BinaryIO) -> Extent:
    """Size from the frame header. A multi-picture file counts only pictures as large as the first.

    Smaller ones (previews, gain maps, depth) are aids of one photo, and go the way of the EXIF thumbnail.
    """
    image = JpegImagePlugin.jpeg_factory(file)
    width, height = image.size
    frames = 1
    for frame in range(1, getattr(image, "n_frames", 1)):
        try:
            image.seek(frame)
        except Exception:  # an offset that an editor left stale
            break
        frames += image.size == (width, height)
    return Extent(height, width, frames)


def decode(file: BinaryIO) -> Picture:
    """Gray or RGB; CMYK converted."""
    image = JpegImagePlugin.JpegImageFile(file)
    info, icc = image.info, image.info.get("icc_profile")
    dpi = info.get("dpi")
    keep = Keep(
        format="JPEG",
        icc=None if image.mode == "CMYK" else icc,
        exif=strip_prefix(info.get("exif")),
        xmp=info.get("xmp"),
        density=Density(float(dpi[0]), float(dpi[1])) if dpi else None,
        coding=_coding(image),
    )
    if image.mode == "CMYK":
        # Pillow takes all inks as Adobe stores them, inverted; without Adobe's marker they are not.
        inks = image if "adobe" in info else ImageChops.invert(image)
        return Picture.of_array(samples_of(cmyk_to_rgb(inks, icc)), keep=keep)
    if image.mode not in ("L", "RGB"):
        raise ImageError(f"JPEG of mode {image.mode} is not supported")
    return Picture.of_array(samples_of(image), keep=keep)


def encode(picture: Picture) -> Parts:
    """Same tables as the source when that was a JPEG, quality 95 without subsampling when not."""
    keep = picture.keep
    exif = b"Exif\0\0" + keep.exif if keep.exif else b""
    coding: dict[str, Any] = {**(keep.coding_of("JPEG") or HIGH_QUALITY)}
    options = {
        "icc_profile": keep.icc,
        "exif": exif if len(exif) <= SEGMENT else b"",
        "extra": b"".join(_segments(keep.xmp, coding.pop("segments", []))),
        "dpi": keep.density.counted(1.0, MOST_DPI) if keep.density else (0, 0),
        **coding,
    }
    return [_saved(image_of(picture.array()), options)]


def _segments(xmp: bytes | None, others: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """Marker, length and content of XMP, then of the others: what extends XMP follows it."""
    first = [(XMP_MARKER, XMP_PREFIX + xmp)] if xmp else []
    for marker, content in [*first, *others]:
        if len(content) <= SEGMENT:
            yield struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _saved(image: Image.Image, options: dict[str, Any]) -> memoryview:
    file = io.BytesIO()
    try:
        image.save(file, "JPEG", **options)
    except OSError:
        if not options.get("progressive"):
            raise
        return _saved(image, options | {"progressive": False})  # Pillow's buffer is too small for progressive noise
    return file.getbuffer()


def _coding(image: JpegImagePlugin.JpegImageFile) -> dict[str, Any]:
    """Keywords for Pillow's writer."""
    slots = [slot for _, _, _, slot in image.layer]  # the table that each component uses
    while len(slots) > 1 and slots[-1] == slots[-2]:
        slots.pop()  # Pillow gives components beyond the list its last table
    tables = [image.quantization.get(slot, []) for slot in slots]
    subsampling = JpegImagePlugin.get_sampling(image)
    if not all(tables) or np.max(tables) > 255:
        return {"segments": _carried(image), **HIGH_QUALITY}
    return {
        "segments": _carried(image),
        "qtables": tables,
        "subsampling": max(subsampling, 0),  # -1: a rare scheme that Pillow cannot write; 0 keeps more
        "progressive": bool(image.info.get("progressive")),
        "comment": image.info.get("comment", b""),
    }


def _carried(image: JpegImagePlugin.JpegImageFile) -> list[tuple[int, bytes]]:
    """Marker and content of the segments that go back as they came."""
    return [(APP0 + int(name[3:]), content) for name, content in image.applist if content.startswith(CARRIED)]
