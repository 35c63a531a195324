"""A folder as a camera on a tripod leaves it: two noisy captures of every scene, and the scene without noise."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def write_captures(root: Path, scenes: Mapping[str, NDArray[np.float64]], sigma: float) -> Path:
    """Write ``clean/NAME.png``, ``noisy/NAME_1.png`` and ``noisy/NAME_2.png`` of scenes in 0..255; gives the root."""
    rng = np.random.default_rng(0)
    for folder in ("noisy", "clean"):
        (root / folder).mkdir()
    for name, clean in scenes.items():
        Image.fromarray(clean.astype(np.uint8)).save(root / "clean" / f"{name}.png")
        for shot in (1, 2):
            noisy = clean + rng.normal(0, sigma, clean.shape)
            Image.fromarray(noisy.astype(np.uint8)).save(root / "noisy" / f"{name}_{shot}.png")
    return root
