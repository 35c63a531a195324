"""Losses by formula: ``0.8 mse + 0.2 ssim``."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from torch import Tensor, nn

from degrain.errors import TrainingError, building
from degrain.objectives.batch import Terms
from degrain.objectives.distances import Charbonnier, LogMSE
from degrain.objectives.perceptual import Perceptual
from degrain.objectives.structure import MSSSIM, SSIM

Distance = Callable[[Tensor, Tensor], Tensor]  # (candidate, target) -> scalar, 0 where they are equal or least there

DISTANCES: dict[str, Callable[..., Distance]] = {  # name -> what makes it from its settings
    "l1": nn.L1Loss,
    "mse": nn.MSELoss,
    "charbonnier": Charbonnier,
    "log_mse": LogMSE,
    "ssim": SSIM,
    "ms_ssim": MSSSIM,
    "perceptual": Perceptual,
}


@dataclass(frozen=True)
class WeightedSum:
    """A loss: distances by name, each with its weight. What a distance holds is no part of what is trained or saved.

    Attributes:
        weights: name -> weight.
        distances: the same names -> the distances.
    """

    weights: Mapping[str, float]
    distances: Mapping[str, Distance]

    @classmethod
    def parse(cls, text: str, settings: Mapping[str, Mapping[str, Any]] | None = None) -> Self:
        """The loss that a formula names: ``"l1"``, ``"0.8 mse + 0.2 ssim"``.

        Args:
            text: the formula.
            settings: what some of the distances are made with, by name; those of others are left unread.

        Raises:
            TrainingError: a formula that cannot be read, an unknown distance, a weight that is not positive, or a
                distance that cannot be made.
        """
        weights = _weights(text)
        return cls(weights, {name: _distance(name, (settings or {}).get(name, {})) for name in weights})

    def __call__(self, candidate: Tensor, target: Tensor) -> Terms:
        """The weighted distances."""
        return {name: weight * self.distances[name](candidate, target) for name, weight in self.weights.items()}


def _weights(text: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for term in text.split("+"):
        match term.split():
            case [name] if name not in weights:
                weights[name] = 1.0
            case [weight, name] if name not in weights and _is_number(weight):
                weights[name] = float(weight)
            case _:
                raise TrainingError(f"cannot read the loss {text!r}", hint="write it like 0.8 mse + 0.2 ssim")
    for name, number in weights.items():
        if not 0 < number < math.inf:
            raise TrainingError(f"the weight of a loss must be positive, got {name}={number}")
    return weights


def _distance(name: str, settings: Mapping[str, Any]) -> Distance:
    if name not in DISTANCES:
        raise TrainingError(f"unknown loss {name!r}", hint=f"known: {', '.join(sorted(DISTANCES))}")
    with building(f"the loss {name!r}"):
        return DISTANCES[name](**settings)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
