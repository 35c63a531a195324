"""How different two pictures look in colour."""

import math

import numpy as np
import numpy.typing as npt

from degrain.images.scale import Unit
from degrain.images.tone import to_light
from degrain.metrics.fidelity import difference

Floats = npt.NDArray[np.float64]

_ROWS = 64  # of a picture at a time: the formula needs some thirty numbers of 8 bytes for each pixel
_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65, observer of 2 degrees
_DARK = (6 / 29) ** 3  # of white: where the cube root of CIELAB gives way to a line
_25_TO_7 = 25.0**7


def ciede2000(clean: Unit, candidate: Unit) -> float:
    """Mean colour difference CIEDE2000 over all pixels; 1 is about what the eye just notices between two patches.

    The pictures count as sRGB, seen under D65; gray as R = G = B; what lies outside of 0..1 as the nearest colour
    inside. [Sharma, Wu & Dalal 2005, kL = kC = kH = 1]

    Raises:
        ImageError: when the pictures differ in shape.
    """
    _, height, width = difference(clean, candidate).shape
    strips = (slice(top, top + _ROWS) for top in range(0, height, _ROWS))
    differences = (delta_e(srgb_to_lab(clean[:, rows]), srgb_to_lab(candidate[:, rows])) for rows in strips)
    return math.fsum(float(one.sum()) for one in differences) / int(height * width)


def srgb_to_lab(rgb: Unit) -> Floats:
    """CIELAB of sRGB or gray: (3 or 1, H, W) unit range -> L, a, b (3, H, W). [IEC 61966-2-1; CIE 15]"""
    coded = np.clip(np.broadcast_to(rgb, (3, *rgb.shape[1:])), 0, 1).astype(np.float64)
    ratio = np.tensordot(_XYZ / _WHITE[:, np.newaxis], to_light(coded), axes=1)
    x, y, z = np.where(ratio > _DARK, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def delta_e(first: Floats, second: Floats) -> Floats:
    """CIEDE2000 between CIELAB colours, (3, ...) each -> (...). The numbers are the paper's equations."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    chroma_7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7  # 2, 3
    stretch = 1.5 - 0.5 * np.sqrt(chroma_7 / (chroma_7 + _25_TO_7))  # 1 + G; 4
    a1, a2 = a1 * stretch, a2 * stretch  # 5
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)  # 6
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)  # 7, radians
    either_gray, long_way = c1 * c2 == 0, np.abs(h2 - h1) > np.pi

    d_l, d_c = l2 - l1, c2 - c1  # 8, 9
    turn = h2 - h1 - np.where(long_way, np.copysign(2 * np.pi, h2 - h1), 0)  # 10
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)  # 11
    mid_l, mid_c = (l1 + l2) / 2, (c1 + c2) / 2  # 12, 13
    mid_h = np.where(either_gray, h1 + h2, (h1 + h2) / 2 + np.where(long_way, np.pi, 0))  # 14

    t = (  # 15
        1
        - 0.17 * np.cos(mid_h - np.radians(30))
        + 0.24 * np.cos(2 * mid_h)
        + 0.32 * np.cos(3 * mid_h + np.radians(6))
        - 0.20 * np.cos(4 * mid_h - np.radians(63))
    )
    from_blue = np.degrees(mid_h % (2 * np.pi)) - 275
    rotation = np.radians(30) * np.exp(-((from_blue / 25) ** 2))  # 16
    c_7 = mid_c**7
    s_l = 1 + 0.015 * (mid_l - 50) ** 2 / np.sqrt(20 + (mid_l - 50) ** 2)  # 18
    s_c, s_h = 1 + 0.045 * mid_c, 1 + 0.015 * mid_c * t  # 19, 20
    r_t = -2 * np.sqrt(c_7 / (c_7 + _25_TO_7)) * np.sin(2 * rotation)  # 17, 21
    lightness, chroma, hue = d_l / s_l, d_c / s_c, d_h / s_h
    distance: Floats = np.sqrt(np.maximum(lightness**2 + chroma**2 + hue**2 + r_t * chroma * hue, 0))  # 22
    return distance
