"""NumPy .npy files: (H, W) or (H, W, C), channels last as in ``Picture.of_array``. Never unpickled."""

import io
import math
import os
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format

from degrain.errors import ImageError
from degrain.images.formats import Extent, Parts
from degrain.images.keep import Keep
from degrain.images.picture import Picture, check_layout

READERS = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}


def probe(file: BinaryIO) -> Extent:
    """Shape from the header; refuses what is no picture."""
    shape, dtype = _header(file)
    check_layout(shape, dtype)
    return Extent(*shape[:2])


def decode(file: BinaryIO) -> Picture:
    """The array as it is; floats may leave 0..1."""
    shape, dtype = _header(file)
    if math.prod(shape) * dtype.itemsize > file.seek(0, os.SEEK_END):
        raise ImageError(f"the header says {shape} {dtype}, but the file is too short for that")
    file.seek(0)
    return Picture.of_array(npy_format.read_array(file, allow_pickle=False), keep=Keep(format="NumPy"))


def encode(picture: Picture) -> Parts:
    """Same shape and type as came in, alpha last."""
    array = np.ascontiguousarray(picture.array())
    header = io.BytesIO()
    npy_format.write_array_header_1_0(header, npy_format.header_data_from_array_1_0(array))
    return [header.getvalue(), array.reshape(-1).view(np.uint8).data]


def _header(file: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy_format.read_magic(file)
    if version not in READERS:
        raise ImageError(f"version {version} of the format holds records, not pictures")
    shape, _, dtype = READERS[version](file)
    return shape, dtype
