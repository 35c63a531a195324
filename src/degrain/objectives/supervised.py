"""Learn to give the clean picture back."""

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from degrain.objectives.batch import Batch, Loss, Terms


@dataclass(frozen=True)
class Supervised:
    """loss(f(noisy), clean)."""

    needs: ClassVar[frozenset[str]] = frozenset({"noisy", "clean", "level"})
    loss: Loss

    def __call__(self, net: nn.Module, batch: Batch) -> Terms:
        """The terms of one batch."""
        return self.loss(net(batch["noisy"], batch["level"]), batch["clean"])
