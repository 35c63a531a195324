"""Where chance comes in: one set of verbs over NumPy's generator here and torch's in ``data/draw.py``."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


class Draw(Protocol):
    """Random values for noise models; the array's own kind decides between NumPy and torch."""

    def number(self, low: float, high: float) -> Any:
        """One uniform value per picture: a float, or (N, 1, 1, 1) for a batch."""
        ...

    def normal(self, like: Any) -> Any:
        """Independent standard normal values, shaped like the array."""
        ...


@dataclass(frozen=True)
class NumpyDraw:
    """Draws for one picture from a NumPy generator.

    >>> NumpyDraw(np.random.default_rng(0)).normal(np.zeros((1, 2, 2), np.float32)).dtype
    dtype('float32')
    """

    rng: np.random.Generator

    def number(self, low: float, high: float) -> float:
        """A uniform value in [low, high)."""
        return float(self.rng.uniform(low, high))

    def normal(self, like: Any) -> Any:
        """Standard normal float32 values, shaped like the array."""
        return self.rng.standard_normal(like.shape, dtype=np.float32)
