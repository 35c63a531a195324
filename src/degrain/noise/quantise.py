"""Few values in place of many."""

from dataclasses import dataclass
from typing import Any, ClassVar

from degrain.noise.base import Noise, Setting, setting
from degrain.noise.draw import Draw


@dataclass(frozen=True)
class Quantise(Noise):
    """Clipped to [0, 1] and rounded to 2^bits evenly spaced values: what a converter stores. Last in any chain.

    Attributes:
        bits: of the converter; between whole bits lie the numbers of values between the powers of two.
    """

    last: ClassVar[bool] = True
    bits: Setting = setting(8.0, 1, 16)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Clip and round; off by half a step at most, inside [0, 1]."""
        top = (2**self.bits + 0.5) // 1 - 1  # whole, also in float32
        return (clean.clip(0, 1) * top).round() / top
