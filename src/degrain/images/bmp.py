"""BMP, by Pillow; 32-bit files with alpha by hand, since Pillow writes them without saying that it is alpha."""

import io
import struct
from typing import BinaryIO

from PIL import BmpImagePlugin, Image

from degrain.images.formats import Extent, Parts
from degrain.images.keep import Density, Keep
from degrain.images.picture import Picture
from degrain.images.pillow import image_of, samples_of

BITFIELDS = 3
HEADERS = 14 + 108  # BITMAPFILEHEADER, BITMAPV4HEADER
METRE = 39.3701  # inches
MOST = 2**31 - 1  # pixels a metre
UNSAID = Density(96, 96)


def probe(file: BinaryIO) -> Extent:
    """Size from the header."""
    image = BmpImagePlugin.BmpImageFile(file)
    return Extent(image.height, image.width)


def decode(file: BinaryIO) -> Picture:
    """Gray, RGB or RGBA; palettes become RGB, 1-bit becomes gray."""
    image: Image.Image = BmpImagePlugin.BmpImageFile(file)
    dpi = image.info.get("dpi")
    mode = {"1": "L", "P": "RGB"}.get(image.mode, image.mode)
    keep = Keep(format="BMP", density=Density(*dpi) if dpi and all(dpi) else None)
    return Picture.of_array(samples_of(image if mode == image.mode else image.convert(mode)), keep=keep)


def encode(picture: Picture) -> Parts:
    """Uncompressed, 8, 24 or 32 bits a pixel."""
    image = image_of(picture.array())
    per_metre = (picture.keep.density or UNSAID).counted(METRE, MOST)
    if picture.keep.alpha is not None:
        pixels = image.convert("RGBA").tobytes("raw", "BGRA", 0, -1)
        return [_headers(image.width, image.height, len(pixels), per_metre), pixels]
    file = io.BytesIO()
    image.save(file, "BMP", dpi=[side / METRE for side in per_metre])
    return [file.getbuffer()]


def _headers(width: int, height: int, length: int, per_metre: tuple[int, int]) -> bytes:
    """File header and BITMAPV4HEADER with masks for red, green, blue, alpha; sRGB."""
    return (
        struct.pack("<2sI4xI", b"BM", HEADERS + length, HEADERS)
        + struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, BITFIELDS, length, *per_metre, 0, 0)
        + struct.pack("<IIII4s48x", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, b"BGRs")
    )
