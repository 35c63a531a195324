"""Learn to give the clean picture back."""

from dataclasses import dataclass

from torch import Tensor, nn

from degrain.objectives.batch import Batch, Loss
from degrain.objectives.losses import l1


@dataclass(frozen=True)
class Supervised:
    """loss(f(noisy), clean)."""

    loss: Loss = l1

    def __call__(self, net: nn.Module, batch: Batch) -> Tensor:
        """The loss of one batch, a scalar."""
        return self.loss(net(batch["noisy"], batch["level"]), batch["clean"])
