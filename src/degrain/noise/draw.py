"""Where chance comes in: one set of verbs over NumPy's generator here and torch's in ``data/draw.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from degrain.images.scale import Unit

MOST_COUNTS = 1e9  # the largest mean that counts are drawn for; generators end somewhere above it


class Draw(Protocol):
    """Random values for noise models, float32; the array's own kind decides between NumPy and torch."""

    def number(self, low: float, high: float) -> Any:
        """One uniform value per picture: a float, or (N, 1, 1, 1) for a batch."""
        ...

    def normal(self, like: Any) -> Any:
        """Independent standard normal values, shaped like the array."""
        ...

    def uniform(self, like: Any) -> Any:
        """Independent values in [0, 1), shaped like the array."""
        ...

    def poisson(self, mean: Any) -> Any:
        """Independent counts with these means; none where one is negative or NaN, and 1e9 stands for any above."""
        ...

    def bernoulli(self, chance: Any, like: Any) -> Any:
        """Independent ones (with that chance) and zeros, shaped like the array."""
        ...

    def each(self, change: Callable[[Unit, float], Unit], pictures: Any, setting: Any) -> Any:
        """A NumPy function of one (C, H, W) picture and its setting, picture by picture on the CPU."""
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
        """Standard normal values, shaped like the array."""
        return self.rng.standard_normal(like.shape, dtype=np.float32)

    def uniform(self, like: Any) -> Any:
        """Values in [0, 1), shaped like the array."""
        return self.rng.random(like.shape, dtype=np.float32)

    def poisson(self, mean: Any) -> Any:
        """Counts with these means."""
        return self.rng.poisson(np.nan_to_num(mean).clip(0, MOST_COUNTS)).astype(np.float32)

    def bernoulli(self, chance: float, like: Any) -> Any:
        """Ones and zeros, shaped like the array."""
        return (self.uniform(like) < chance).astype(np.float32)

    def each(self, change: Callable[[Unit, float], Unit], pictures: Unit, setting: float) -> Unit:
        """The function of the one picture."""
        return change(pictures, setting)
