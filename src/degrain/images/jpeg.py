"""JPEG, by Pillow. Back into JPEG goes what JPEG had: its quantisation tables, subsampling, progressive or not."""

import io
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
XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"


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
    dpi = keep.density.dpi if keep.density else None
    options = {
        "icc_profile": keep.icc,
        "exif": exif if len(exif) <= SEGMENT else b"",
        "xmp": keep.xmp if keep.xmp and len(XMP_PREFIX + keep.xmp) <= SEGMENT else b"",
        "dpi": tuple(round(side) for side in dpi) if dpi else (0, 0),
        **(keep.coding_of("JPEG") or HIGH_QUALITY),
    }
    return [_saved(image_of(picture.array()), options)]


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
    tables = [image.quantization[slot] for slot in sorted(image.quantization)]
    subsampling = JpegImagePlugin.get_sampling(image)
    if not tables or np.max(tables) > 255:
        return {**HIGH_QUALITY}
    return {
        "qtables": tables,
        "subsampling": max(subsampling, 0),  # -1: a rare scheme that Pillow cannot write; 0 keeps more
        "progressive": bool(image.info.get("progressive")),
        "comment": image.info.get("comment", b""),
    }
