"""How a picture enters a network's tensor and leaves it: ``ModelSpec.planes``, carried out."""

import numpy as np

from degrain.images.scale import Unit
from degrain.spec import ModelSpec


def to_planes(tiles: Unit, spec: ModelSpec) -> Unit:
    """Tiles (N, C, h, w) in the planes their channel count takes, (N, width, h, w); the others are zero."""
    count, channels, height, width = tiles.shape
    planes = np.zeros((count, spec.width, height, width), np.float32)
    planes[:, list(spec.planes[channels])] = tiles
    return planes


def from_planes(planes: Unit, spec: ModelSpec, channels: int) -> Unit:
    """The way back: (N, width, h, w) -> (N, C, h, w)."""
    return planes[:, list(spec.planes[channels])]
