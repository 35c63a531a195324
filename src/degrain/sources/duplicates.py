"""Near-duplicates: the same picture turned by any angle, mirrored, enlarged, recompressed or slightly cropped.

A fingerprint is the picture around its centre in log-polar coordinates, where turning shifts columns and enlarging
shifts rows; two of them are compared in every relative position at once, by cross-correlation [Reddy and Chatterji,
IEEE TIP 1996]. Of 125,000 pairs of different photographs hardly any correlates by more than 0.67, though one strong
edge in both can bring 0.85; evened out, none exceeds 0.75. Copies turned, mirrored, halved, recompressed or cropped
evenly do by 0.84 and more either way. Pictures of one kind, such as radiographs of the chest, are all alike to it.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from degrain.images.colour import luma
from degrain.images.picture import Picture

Floats = npt.NDArray[np.float32]

ALIKE = 0.8  # correlation from which on two photographs are near-duplicates
SIDE = 48  # pixels that the centre square is reduced to
EVEN = 0.005  # local contrast, unit range, below which evening out gives way: what JPEG leaves of a flat sky
SMOOTH = 4.8  # standard deviation of what is taken away: brightness and large shapes make strangers look alike
RINGS, ANGLES, RATIO = 24, 64, 1.06  # radii fall from the edge of the square to a quarter of it
SHIFT = 6  # rings that two pictures may be apart: one enlarged by up to 1.06 ** 6 = 1.4
WAVES = 20  # angular frequencies compared; higher ones are noise
ASIDE = 1.2  # pixels of 48 by which the centre of a copy may lie aside: 5 % cropped at one edge
BLOCK = 64  # pictures compared with all before them at once


def fingerprint(picture: Picture, *, evened: bool = False) -> Floats:
    """(RINGS, ANGLES): the centre square in log-polar coordinates, without its coarse brightness.

    Args:
        picture: any.
        evened: local contrast evened out, so that one strong edge does not make strangers alike.
    """
    return _log_polar(_square(picture, evened))


def views(picture: Picture, *, evened: bool = False) -> Floats:
    """(9, RINGS, ANGLES): fingerprints around the centre and eight places near it, to find copies cropped unevenly."""
    square = _square(picture, evened)
    return np.stack([_log_polar(square, down, right) for down in (0, -ASIDE, ASIDE) for right in (0, -ASIDE, ASIDE)])


def similarity(some: Floats, others: Floats) -> Floats:
    """The best correlation over all turns, both hands and every enlargement up to 1.4.

    Args:
        some: (M, RINGS, ANGLES) fingerprints.
        others: (N, RINGS, ANGLES).

    Returns:
        (M, N), -1 to 1.
    """
    best = np.full((len(some), len(others)), -1, np.float32)
    for shift in range(-SHIFT, SHIFT + 1):
        ours = _waves(some[:, max(shift, 0) : RINGS + min(shift, 0)])
        theirs = _waves(others[:, max(-shift, 0) : RINGS - max(shift, 0)])
        for handed in (theirs, theirs.conj()):
            spectrum = (ours @ handed.transpose(0, 2, 1)).transpose(1, 2, 0)  # (M, N, WAVES)
            best = np.maximum(best, np.fft.irfft(spectrum, ANGLES).max(-1) * ANGLES)
    return best


def group_alike(fingerprints: Floats, alike: float = ALIKE) -> list[int]:
    """For each picture the first one that it is linked to by a chain of near-duplicates; itself when there is none.

    Args:
        fingerprints: (N, RINGS, ANGLES).
        alike: correlation that makes a link.
    """
    first = list(range(len(fingerprints)))
    for start in range(0, len(first), BLOCK):
        block = fingerprints[start : start + BLOCK]
        links = similarity(block, fingerprints[: start + len(block)]) >= alike
        for row, column in np.argwhere(links):
            _join(first, start + int(row), int(column))
    return [_first(first, index) for index in range(len(first))]


def _join(first: list[int], one: int, other: int) -> None:
    low, high = sorted((_first(first, one), _first(first, other)))
    first[high] = low


def _first(first: list[int], index: int) -> int:
    while first[index] != index:
        index = first[index]
    return index


def _waves(rings: Floats) -> npt.NDArray[np.complex64]:
    """(WAVES, N, rings): the spectra along the angle, scaled so that a map correlates with itself by one."""
    centred = rings - rings.mean((1, 2), keepdims=True)
    spectra = np.fft.rfft(centred)[..., :WAVES]
    power = np.square(np.abs(spectra)).sum(1, keepdims=True)
    total = 2 * power.sum(2, keepdims=True) - power[..., :1]  # of the waves k and -k
    scaled: npt.NDArray[np.complex64] = (spectra / np.sqrt(np.maximum(total, 1e-12))).astype(np.complex64)
    return scaled.transpose(2, 0, 1)


def _square(picture: Picture, evened: bool) -> Floats:
    """(SIDE, SIDE): the centre square of the luma, less its blurred self; evened, over its local contrast."""
    (gray,) = luma(picture.unit())
    side = min(gray.shape)
    top, left = ((length - side) / 2 for length in gray.shape)
    image = Image.fromarray(np.ascontiguousarray(gray))
    small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX, box=(left, top, left + side, top + side)))
    sharp: Floats = small - _BLUR @ small @ _BLUR.T
    return sharp / np.sqrt(_BLUR @ np.square(sharp) @ _BLUR.T + EVEN**2) if evened else sharp


def _log_polar(square: Floats, down: float = 0, right: float = 0) -> Floats:
    """(SIDE, SIDE) -> (RINGS, ANGLES) around a place near the centre, outermost ring first, interpolated linearly."""
    radius = (SIDE / 2 - 1) / RATIO ** np.arange(RINGS)[:, np.newaxis]
    angle = 2 * np.pi * np.arange(ANGLES) / ANGLES
    middle = (SIDE - 1) / 2
    rows = np.clip(middle + down + radius * np.sin(angle), 0, SIDE - 1.001)
    columns = np.clip(middle + right + radius * np.cos(angle), 0, SIDE - 1.001)
    top, left = rows.astype(int), columns.astype(int)
    below, beside = rows - top, columns - left
    upper = square[top, left] * (1 - beside) + square[top, left + 1] * beside
    lower = square[top + 1, left] * (1 - beside) + square[top + 1, left + 1] * beside
    rings: Floats = (upper * (1 - below) + lower * below).astype(np.float32)
    return rings


def _blur() -> Floats:
    """(SIDE, SIDE): a Gaussian mean along one axis, as a matrix."""
    place = np.arange(SIDE)
    weight = np.exp(-((place[:, np.newaxis] - place) ** 2) / (2 * SMOOTH**2))
    mean: Floats = (weight / weight.sum(1, keepdims=True)).astype(np.float32)
    return mean


_BLUR = _blur()
