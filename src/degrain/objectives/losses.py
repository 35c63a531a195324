"""Distances between a candidate and its target, (N, C, H, W) each, as one scalar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from degrain.errors import TrainingError
from degrain.objectives.batch import Terms

Distance = Callable[[Tensor, Tensor], Tensor]


def l1(candidate: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error."""
    return F.l1_loss(candidate, target)


def mse(candidate: Tensor, target: Tensor) -> Tensor:
    """Mean squared error."""
    return F.mse_loss(candidate, target)


def charbonnier(candidate: Tensor, target: Tensor) -> Tensor:
    """A smooth L1: sqrt(e^2 + 1e-6). [Charbonnier et al. 1994]"""
    return torch.sqrt((candidate - target) ** 2 + 1e-6).mean()


def log_mse(candidate: Tensor, target: Tensor) -> Tensor:
    """Mean over pictures of log MSE: each decibel counts the same at every noise level. Up to a factor, -PSNR."""
    return torch.log(((candidate - target) ** 2).mean((1, 2, 3)) + 1e-7).mean()


DISTANCES: dict[str, Distance] = {"l1": l1, "mse": mse, "charbonnier": charbonnier, "log_mse": log_mse}


@dataclass(frozen=True)
class WeightedSum:
    """A loss: distances by name, each with its weight.

    Raises:
        TrainingError: an unknown distance, none at all, or a weight that is not positive.
    """

    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.weights:
            raise TrainingError("a loss needs one distance at least", hint=f"known: {', '.join(sorted(DISTANCES))}")
        for name, weight in self.weights.items():
            if name not in DISTANCES:
                raise TrainingError(f"unknown loss {name!r}", hint=f"known: {', '.join(sorted(DISTANCES))}")
            if not weight > 0:
                raise TrainingError(f"the weight of a loss must be positive, got {name}={weight}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The loss that a formula names: ``"l1"``, ``"0.8 mse + 0.2 ssim"``. Raises TrainingError."""
        weights: dict[str, float] = {}
        for term in text.split("+"):
            match term.split():
                case [name] if name not in weights:
                    weights[name] = 1.0
                case [weight, name] if name not in weights and _is_number(weight):
                    weights[name] = float(weight)
                case _:
                    raise TrainingError(
                        f"cannot read the loss {text!r}", hint="write it like 0.8 mse + 0.2 charbonnier"
                    )
        return cls(weights)

    def __call__(self, candidate: Tensor, target: Tensor) -> Terms:
        """The weighted distances."""
        return {name: weight * DISTANCES[name](candidate, target) for name, weight in self.weights.items()}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
