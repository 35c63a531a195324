"""What an objective may read. Data supplies the keys that the objective needs, and no others."""

from collections.abc import Callable
from typing import ClassVar, Protocol, TypedDict

from torch import Tensor, nn


class Batch(TypedDict, total=False):
    """Tensors of one training step, unit range."""

    noisy: Tensor  # (N, C, H, W)
    clean: Tensor  # (N, C, H, W)
    level: Tensor  # (N, 1, H, W) sigma per pixel; zeros = the network is not told
    second: Tensor  # (N, C, H, W) another noisy shot of the same scene
    noise: str  # what it is called in the log, where the batch validates


Terms = dict[str, Tensor]  # what a loss is made of, by name: scalars, already weighted; the loss is their sum
Loss = Callable[[Tensor, Tensor], Terms]  # (candidate, target) -> terms


class Objective(Protocol):
    """A way to learn: how a network and a batch become a loss."""

    needs: ClassVar[frozenset[str]]  # keys of the batch that it reads

    def __call__(self, net: nn.Module, batch: Batch) -> Terms:
        """The terms of one batch; their sum is minimised."""
        ...
