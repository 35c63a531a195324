"""How a picture enters a network's tensor and leaves it: ``ModelSpec.planes``, carried out."""

import numpy as np

from degrain.images.scale import Unit
from degrain.spec import ModelSpec


def to_planes(tiles: Unit, spec: ModelSpec) -> Unit:
    """Tiles (N, C, h, w) in the planes their channel count takes, (N, width, h, w); the others are zero."""
    count, channels, height, width = tiles.shape
    planes = np.zeros((count, spec.width, height, width), np.float32)
    planes[:, _slots(spec, channels)] = tiles
    return planes


def from_planes(planes: Unit, spec: ModelSpec, channels: int) -> Unit:
    """The way back: (N, width, h, w) -> (N, C, h, w); a view where the planes lie side by side."""
    return planes[:, _slots(spec, channels)]


def _slots(spec: ModelSpec, channels: int) -> slice | list[int]:
    """The planes of a picture; as a slice where they lie side by side, so that no pixel need be copied."""
    slots = list(spec.planes[channels])
    span = slice(slots[0], slots[0] + len(slots))
    return span if slots == list(range(spec.width))[span] else slots
