"""What an objective may read. Data supplies the keys that the objective needs, and no others."""

from collections.abc import Callable
from typing import TypedDict

from torch import Tensor, nn


class Batch(TypedDict):
    """Tensors of one training step, unit range."""

    noisy: Tensor  # (N, C, H, W)
    clean: Tensor  # (N, C, H, W)
    level: Tensor  # (N, 1, H, W) sigma per pixel; zeros = the network is not told


Objective = Callable[[nn.Module, Batch], Tensor]  # (network, batch) -> scalar loss
Loss = Callable[[Tensor, Tensor], Tensor]  # (candidate, target) -> scalar
