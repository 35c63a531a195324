"""TIFF, by tifffile: 8 and 16 bit, signed, float; strips, tiles, planes; lossless compressions go back as they came.

TIFF 6.0. White-is-zero is inverted in memory and goes back as such; palettes, CMYK and YCbCr become RGB; 1 to 7 bits
become 8; 9 to 15 bits stay, with the scale to match.
"""

import io
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, cast

import numpy as np
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC, PLANARCONFIG, TiffFile, TiffPage, TiffWriter

from degrain.errors import ImageError
from degrain.images import tiff_tags
from degrain.images.colour import cmyk_samples_to_rgb, ycbcr_to_rgb
from degrain.images.formats import Extent, Parts
from degrain.images.keep import Keep
from degrain.images.picture import Picture, check_layout
from degrain.images.scale import PixelScale, Samples

COLOURS: dict[int, int] = {  # samples a pixel, alpha not counted
    PHOTOMETRIC.MINISWHITE: 1,
    PHOTOMETRIC.MINISBLACK: 1,
    PHOTOMETRIC.PALETTE: 1,
    PHOTOMETRIC.RGB: 3,
    PHOTOMETRIC.YCBCR: 3,
    PHOTOMETRIC.SEPARATED: 4,
}
LOSSLESS = {
    COMPRESSION.NONE,
    COMPRESSION.LZW,
    COMPRESSION.ADOBE_DEFLATE,
    COMPRESSION.DEFLATE,
    COMPRESSION.PACKBITS,
    COMPRESSION.LZMA,
    COMPRESSION.ZSTD,
}
FAX = {COMPRESSION.CCITTRLE, COMPRESSION.CCITT_T4, COMPRESSION.CCITT_T6}
READABLE = LOSSLESS | FAX | {COMPRESSION.JPEG, COMPRESSION.WEBP, COMPRESSION.JPEG2000, COMPRESSION.JPEGXL}
LARGEST_TILE = 1 << 24  # pixels, unless the picture itself is larger


def probe(file: BinaryIO) -> Extent:
    """Size and pages from the directories; smaller copies of a page and masks are not counted."""
    with _opened(file) as (tiff, page):
        others = sum(
            not page.is_reduced and not page.is_mask for page in islice(cast(Iterable[TiffPage], tiff.pages), 1, 100)
        )
        stacked = (tiff.imagej_metadata or {}).get("images", 1) if tiff.is_imagej else 1
        return Extent(page.imagelength, page.imagewidth, max(1 + others, stacked, page.imagedepth))


def decode(file: BinaryIO) -> Picture:
    """Gray or RGB, alpha as stored."""
    with _opened(file) as (_, page):
        _refuse(page, file.seek(0, os.SEEK_END))
        array = page.asarray()
        if page.planarconfig == PLANARCONFIG.SEPARATE and array.ndim == 3:
            array = np.moveaxis(array, 0, -1)
        array = array.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)
        colours = COLOURS[page.photometric]
        _refuse_no_data(array[..., :colours], page)
        light = _to_light(array[..., :colours], page)
        if array.shape[2] > colours:
            light = np.concatenate([light, _widened(array[..., colours:], page)], axis=2)
        if light.shape[2] == 1:
            light = light[..., 0]
        return Picture.of_array(light, keep=_keep(page, file), scale=_scale(page, light.dtype))


def encode(picture: Picture) -> Parts:
    """Coded as the source was when that was a TIFF, deflate with prediction when not."""
    keep, file = picture.keep, io.BytesIO()
    coding = dict(keep.coding_of("TIFF")) or _coding_for(picture.samples.dtype)
    layout, tags = coding.pop("layout", {}), coding.pop("tags", [])
    array = picture.array()
    array = array[..., 0] if array.shape[2:] == (1,) else array  # tifffile takes (H, W, 1) for H pages
    if coding.get("photometric") == PHOTOMETRIC.MINISWHITE:
        array = array.copy()
        colours = array if array.ndim == 2 else array[..., :1]
        colours[...] = _inverted(colours, picture.scale)
    if coding.get("planarconfig") == PLANARCONFIG.SEPARATE and array.ndim == 3:
        array = np.moveaxis(array, -1, 0)
    coding.setdefault("photometric", PHOTOMETRIC.RGB if picture.channels == 3 else PHOTOMETRIC.MINISBLACK)
    if keep.alpha is not None:
        coding.setdefault("planarconfig", PLANARCONFIG.CONTIG)
        coding.setdefault("extrasamples", [EXTRASAMPLE.UNASSALPHA])
    with TiffWriter(file, **layout) as tiff:
        tiff.write(array, **coding, **tiff_tags.written(keep, tags), iccprofile=keep.icc, metadata=None, software=False)
    tiff_tags.append_exif(file, keep.exif)
    return [file.getbuffer()]


@contextmanager
def _opened(file: BinaryIO) -> Iterator[tuple[TiffFile, TiffPage]]:
    file.seek(0)
    with TiffFile(file) as tiff:
        yield tiff, tiff.pages.first


def _refuse(page: TiffPage, length: int) -> None:
    """What cannot be a picture here, before anything is allocated for it."""
    if page.is_reduced and page.subifds:
        raise ImageError(
            "its first picture is a small copy of another one inside, as in camera raw files",
            hint="develop it to TIFF or JPEG first",
        )
    if page.photometric not in COLOURS:
        raise ImageError(f"TIFF of colour kind {_name(page.photometric)} is not supported")
    if page.compression not in READABLE:
        raise ImageError(f"TIFF compression {_name(page.compression)} is not supported")
    if not 0 <= page.samplesperpixel - COLOURS[page.photometric] <= 1:
        raise ImageError(f"{page.samplesperpixel} channels; a picture has 1 or 3, and alpha")
    if page.samplesperpixel == 2 and EXTRASAMPLE.UNSPECIFIED in page.extrasamples:
        raise ImageError("its second channel is not said to be alpha", hint="denoise the channels one by one")
    if page.dtype is None or not isinstance(page.bitspersample, int):
        raise ImageError(f"samples of {page.bitspersample} bits are not supported")
    check_layout((page.imagelength, page.imagewidth), page.dtype)
    if page.is_tiled and page.tilewidth * page.tilelength > max(LARGEST_TILE, 4 * page.imagewidth * page.imagelength):
        raise ImageError(f"tiles of {page.tilewidth} x {page.tilelength} pixels are larger than the picture")
    _refuse_short(page, length)


def _refuse_no_data(array: Samples, page: TiffPage) -> None:
    """Pixels that stand for no measurement: their value would spread over everything a network sees around them."""
    value = tiff_tags.no_data(page)
    count = 0 if value is None else int(np.count_nonzero((array == value).any(axis=2)))
    if count:
        raise ImageError(f"{count} pixels are NoData, {value:g}", hint="fill them first, e.g. with gdal_fillnodata")


def _refuse_short(page: TiffPage, length: int) -> None:
    """Strips or tiles that are missing, lie outside the file, or are too short when nothing is compressed."""
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    stored = sum(count for _, count in segments) if page.compression == COMPRESSION.NONE else math.inf
    if (
        len(segments) < math.prod(page.chunked)
        or any(count < 1 or start + count > length for start, count in segments)
        or stored < page.imagelength * page.imagewidth * page.samplesperpixel * page.bitspersample / 8
    ):
        raise ImageError("the file is cut short: it does not hold all the pixels its header lists")


def _to_light(array: Samples, page: TiffPage) -> Samples:
    """Colours as light: inverted, looked up or mixed as the photometric interpretation says."""
    kind = page.photometric
    if kind == PHOTOMETRIC.PALETTE:
        colours: Samples = _palette(page)[array[..., 0].astype(np.uint16)]  # of 1 bit they are bool, which selects
        return colours
    if kind == PHOTOMETRIC.SEPARATED:
        return cmyk_samples_to_rgb(array, page.iccprofile)
    if kind == PHOTOMETRIC.YCBCR and page.compression not in (COMPRESSION.JPEG, COMPRESSION.WEBP):
        return ycbcr_to_rgb(array)
    light = _widened(array, page)
    return _inverted(light, _scale(page, light.dtype)) if kind == PHOTOMETRIC.MINISWHITE else light


def _widened(array: Samples, page: TiffPage) -> Samples:
    """Samples of 1 to 7 bits spread over 8."""
    if page.bitspersample >= 8:
        return array
    return np.rint(array * np.float32(255 / (2**page.bitspersample - 1))).astype(np.uint8)


def _inverted(array: Samples, scale: PixelScale) -> Samples:
    """Low for high; floats, which have no highest value, as they are."""
    if array.dtype.kind == "f":
        return array
    inverted: Samples = int(scale.low) + int(scale.high) - array.astype(np.int32)
    return inverted.astype(array.dtype)


def _palette(page: TiffPage) -> Samples:
    """(entries, 3) uint8. Entries are 16 bit; some writers fill only the low 8."""
    table = np.asarray(page.colormap).T
    return (table >> 8 if table.max() > 255 else table).astype(np.uint8)


def _scale(page: TiffPage, dtype: np.dtype[Any]) -> PixelScale:
    if dtype == np.uint16 and 8 < page.bitspersample < 16:
        return PixelScale("uint16", 0.0, float(2**page.bitspersample - 1))
    return PixelScale.of(dtype)


def _keep(page: TiffPage, file: BinaryIO) -> Keep:
    inks = page.photometric == PHOTOMETRIC.SEPARATED
    return Keep(
        format="TIFF",
        premultiplied=EXTRASAMPLE.ASSOCALPHA in page.extrasamples,
        icc=None if inks else page.iccprofile,
        exif=tiff_tags.exif(page, file),
        xmp=tiff_tags.xmp(page),
        density=tiff_tags.density(page),
        coding=_coding(page),
    )


def _coding(page: TiffPage) -> dict[str, Any]:
    """Keywords for tifffile's writer."""
    lossless, whole = page.compression in LOSSLESS, page.bitspersample in (8, 16, 32, 64)
    predicted = page.predictor > 1 and page.compression != COMPRESSION.NONE  # tifffile predicts to compress only
    coding: dict[str, Any] = {
        "layout": {"byteorder": page.parent.byteorder, "bigtiff": page.parent.is_bigtiff},
        "tags": tiff_tags.carried(page),
        "compression": page.compression if lossless else COMPRESSION.ADOBE_DEFLATE,
        "predictor": page.predictor if lossless and whole and predicted else None,
    }
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        coding["photometric"] = PHOTOMETRIC.MINISWHITE
    if page.samplesperpixel > 1 and page.photometric in (PHOTOMETRIC.RGB, PHOTOMETRIC.MINISBLACK):
        coding["planarconfig"] = page.planarconfig
    if page.samplesperpixel > COLOURS[page.photometric]:
        coding["extrasamples"] = list(page.extrasamples) or [EXTRASAMPLE.UNSPECIFIED]
    if page.is_tiled and not (page.tilelength % 16 or page.tilewidth % 16):  # as TIFF 6.0, section 15, demands
        coding["tile"] = (page.tilelength, page.tilewidth)
    elif page.rowsperstrip < page.imagelength:
        coding["rowsperstrip"] = page.rowsperstrip
    if 8 < page.bitspersample < 16:
        coding |= {"bitspersample": page.bitspersample, "compression": COMPRESSION.NONE}
        coding["layout"]["byteorder"] = "<"  # tifffile packs such samples wrongly the other way round
    return coding


def _coding_for(dtype: np.dtype[Any]) -> dict[str, Any]:
    return {"compression": COMPRESSION.ADOBE_DEFLATE, "predictor": 2 if dtype.kind in "iu" else None}


def _name(code: Any) -> str:
    return getattr(code, "name", str(code))
