"""The tone curve of sRGB: coded values to light and back, of NumPy arrays and torch tensors alike [IEC 61966-2-1]."""

from typing import Any

_KNEE, _SLOPE = 0.04045, 12.92  # below that coded value the curve is a line of that slope
_AT_KNEE = ((_KNEE + 0.055) / 1.055) ** 2.4


def to_light(coded: Any) -> Any:
    """Light, 0..1 as the coded values are; the ends of the curve go on beyond.

    >>> import numpy as np
    >>> to_light(np.array([-0.1, 0.0, 0.5, 1.0])).round(4).tolist()
    [-0.0077, 0.0, 0.214, 1.0]
    """
    return coded.clip(None, _KNEE) / _SLOPE + ((coded.clip(_KNEE, None) + 0.055) / 1.055) ** 2.4 - _AT_KNEE


def to_coded(light: Any) -> Any:
    """The way back.

    >>> import numpy as np
    >>> to_coded(np.array([-0.01, 0.0, 0.214, 1.0])).round(4).tolist()
    [-0.1292, 0.0, 0.5, 1.0]
    """
    return light.clip(None, _AT_KNEE) * _SLOPE + 1.055 * light.clip(_AT_KNEE, None) ** (1 / 2.4) - 0.055 - _KNEE
