"""Write a picture: the format by its suffix, refused with a reason when the format cannot hold it."""

import os
import struct
from pathlib import Path

from degrain.errors import StorageError, UnwritableImage
from degrain.images.formats import FORMATS, SUFFIXES, Format, Parts, by_name, by_suffix
from degrain.images.picture import Picture, as_picture
from degrain.images.scale import EIGHT_BIT, PixelScale, Samples
from degrain.storage.atomic import check_target, whole_file


def write(picture: Picture | Samples, target: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write a picture or an array, whole or not at all, in the format that the target's suffix names.

    Raises:
        ImageError: an array that cannot be a picture.
        UnwritableImage: the format is unknown or cannot hold the picture, the target exists, the disk refuses.
    """
    path, whole = Path(target), as_picture(picture)
    row = _format(path)
    try:
        with whole_file(path, overwrite=overwrite) as file:
            file.writelines(_parts(whole, row))
    except StorageError as error:
        raise UnwritableImage(str(error), error.hint) from error


def check_writable(target: str | os.PathLike[str], *, overwrite: bool = False, picture: Picture | None = None) -> None:
    """Say before the work that a file is for why ``write`` would refuse it.

    Args:
        target: the file to be.
        overwrite: as for ``write``.
        picture: one of the same kind as will be written, once it is known.

    Raises:
        UnwritableImage: as ``write``.
    """
    path = Path(target)
    row = _format(path)
    try:
        check_target(path, overwrite=overwrite)
    except StorageError as error:
        raise UnwritableImage(str(error), error.hint) from error
    if picture is not None:
        _refuse(_fitted(picture, row), row)


def encode(picture: Picture, suffix: str | None = None) -> bytes:
    """The picture as the bytes of a file.

    Args:
        picture: what to encode.
        suffix: of the format to use, such as ``".png"``; None for the format it came in.

    Raises:
        UnwritableImage: the format is unknown or cannot hold the picture.
    """
    row = by_name(picture.keep.format) if suffix is None else _format(Path(f"picture{suffix}"))
    if row is None:
        raise UnwritableImage("an array has no file format of its own", hint=f"name one of {' '.join(SUFFIXES)}")
    return b"".join(_parts(picture, row))


def _format(path: Path) -> Format:
    row = by_suffix(path)
    if row is None:
        raise UnwritableImage(f"{path}: its suffix names no format", hint=f"end it with one of {' '.join(SUFFIXES)}")
    return row


def _parts(picture: Picture, row: Format) -> Parts:
    picture = _fitted(picture, row)
    _refuse(picture, row)
    try:
        return row.codec.encode(picture)
    except (ValueError, OSError, RuntimeError, MemoryError, OverflowError, TypeError, struct.error) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UnwritableImage(f"{picture.source}: {row.name} encoding failed ({reason})") from error


def _fitted(picture: Picture, row: Format) -> Picture:
    """Its values as the format understands them: 0 and 255 where it has no bool, the full range where it has no other.

    A TIFF of 9 to 15 bits says so itself, and an array file means its values as they are.
    """
    stored = picture.samples.dtype
    if stored.kind == "b" and "bool" not in row.dtypes:
        full = EIGHT_BIT
    elif stored.kind in "iu" and not row.plain and not picture.keep.coding_of(row.name):
        full = PixelScale.of(stored)
    else:
        return picture
    if full == picture.scale:
        return picture
    samples = full.to_stored(picture.scale.to_unit(picture.array()))
    return Picture.of_array(samples, keep=picture.keep, source=picture.source)


def _refuse(picture: Picture, row: Format) -> None:
    dtype = picture.samples.dtype.name
    if dtype not in row.dtypes:
        others = [other.suffixes[0] for other in FORMATS if dtype in other.dtypes]
        raise UnwritableImage(
            f"{picture.source}: {row.name} cannot hold {dtype} samples", hint=f"write {' or '.join(others)} instead"
        )
    if picture.keep.alpha is not None and not row.alpha:
        raise UnwritableImage(f"{picture.source}: {row.name} cannot hold transparency", hint="write .png instead")
    if picture.keep.premultiplied and row.name != picture.keep.format:
        raise UnwritableImage(
            f"{picture.source}: its colours are multiplied by alpha, which {row.name} does not know",
            hint="write .tif instead",
        )
    if max(picture.height, picture.width) > row.longest:
        raise UnwritableImage(
            f"{picture.source}: {row.name} holds at most {row.longest} pixels a side, "
            f"this has {picture.width} x {picture.height}",
            hint="write .png or .tif instead",
        )
