"""Noise that spares most pixels and leaves nothing of the others."""

from dataclasses import dataclass
from typing import Any

from degrain.noise.base import Noise, Setting, setting
from degrain.noise.draw import Draw


@dataclass(frozen=True)
class SaltAndPepper(Noise):
    """Some samples become 1 (salt) or 0 (pepper), each channel on its own.

    Attributes:
        amount: share of the samples that are hit.
        salt: share of those that become 1.
    """

    amount: Setting = setting(0.1, 0, 1)
    salt: Setting = setting(0.5, 0, 1)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Hit samples; mean (1 - amount) x + amount salt."""
        hit = draw.bernoulli(self.amount, clean)
        return clean * (1 - hit) + hit * draw.bernoulli(self.salt, clean)


@dataclass(frozen=True)
class Masking(Noise):
    """Some pixels become 0 in all channels.

    Attributes:
        amount: share of the pixels that are lost.
    """

    amount: Setting = setting(0.3, 0, 1)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Lose pixels; mean (1 - amount) x, variance amount (1 - amount) x^2."""
        return clean * (1 - draw.bernoulli(self.amount, clean[..., :1, :, :]))
