"""The only place that knows how stored samples map to unit range: uint8, uint16, float, ... and back, exactly."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[Any]  # (..., C), as stored in the file
Unit = npt.NDArray[np.float32]  # unit range; float files may leave [0, 1]


@dataclass(frozen=True)
class PixelScale:
    """Affine map between stored samples and unit range: ``unit = (stored - low) / (high - low)``.

    Attributes:
        dtype: NumPy name of the stored type (``"uint8"``, ``"uint16"``, ``"float32"``, ...; ``">u2"`` when
            its bytes stand the other way round than this machine's).
        low: stored value that means 0.0.
        high: stored value that means 1.0.
    """

    dtype: str
    low: float
    high: float

    @classmethod
    def of(cls, dtype: npt.DTypeLike) -> "PixelScale":
        """The full range of an integer type; 0..1 for floats; False..True for bool."""
        kind = np.dtype(dtype)
        name = kind.name if kind.isnative else kind.str
        if kind.kind in "iu":
            return cls(name, float(np.iinfo(kind).min), float(np.iinfo(kind).max))
        return cls(name, 0.0, 1.0)

    @property
    def step(self) -> float:
        """Smallest difference between two stored values, in unit range; 0 for floats."""
        return 0.0 if np.dtype(self.dtype).kind == "f" else 1.0 / (self.high - self.low)

    @property
    def rounding(self) -> float:
        """Variance that rounding to stored values adds, in unit range; 0 for floats."""
        return self.step**2 / 12

    def to_unit(self, stored: Samples) -> Unit:
        """Stored samples as float32 in unit range, same shape. Exact for up to 16 bits: ``to_stored`` undoes it."""
        with np.errstate(over="ignore", invalid="ignore"):  # NaN and infinity pass; whoever cannot use them asks
            unit = stored.astype(np.float32)
            unit -= np.float32(self.low)
            unit /= np.float32(self.high - self.low)
        return unit

    def to_stored(self, unit: Unit) -> Samples:
        """Back to stored samples: integers are rounded and clipped, floats are neither."""
        with np.errstate(over="ignore", invalid="ignore"):
            stored: Samples = unit * np.float32(self.high - self.low)
            stored += np.float32(self.low)
            if np.dtype(self.dtype).kind != "f":
                np.rint(stored, out=stored)
                np.clip(stored, self.low, self.high, out=stored)
            return stored.astype(self.dtype)


EIGHT_BIT = PixelScale.of(np.uint8)  # what most files hold, and what is shown
