"""Turn a picture the way its EXIF orientation asks, once, and say so in its EXIF."""

from collections.abc import Callable
from dataclasses import replace

from degrain.images import exif
from degrain.images.picture import Picture
from degrain.images.scale import Samples

# Exif 2.32, 4.6.5: where row 0 and column 0 of the stored picture are seen. (H, W, ...) -> view, nothing copied.
TURNS: dict[int, Callable[[Samples], Samples]] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored.swapaxes(0, 1)[:, ::-1],
    7: lambda stored: stored.swapaxes(0, 1)[::-1, ::-1],
    8: lambda stored: stored.swapaxes(0, 1)[::-1],
}


def upright(picture: Picture) -> Picture:
    """The picture as it is meant to be seen; orientation 1 in its EXIF and XMP, no EXIF thumbnail."""
    keep = picture.keep
    orientation = exif.orientation(keep.exif, keep.xmp)
    turn = TURNS[orientation]
    density = keep.density
    return replace(
        picture,
        samples=turn(picture.samples),
        keep=replace(
            keep,
            alpha=None if keep.alpha is None else turn(keep.alpha),
            density=density.turned() if density and orientation >= 5 else density,
            exif=exif.upright(keep.exif),
            xmp=exif.upright_xmp(keep.xmp),
        ),
    )
