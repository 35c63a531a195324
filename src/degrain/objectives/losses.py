"""Distances between a candidate and its target, (N, C, H, W) each, as one scalar."""

import torch
import torch.nn.functional as F
from torch import Tensor

from degrain.errors import TrainingError
from degrain.objectives.batch import Loss


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


LOSSES: dict[str, Loss] = {"l1": l1, "mse": mse, "charbonnier": charbonnier, "log_mse": log_mse}


def loss_named(name: str) -> Loss:
    """The loss of that name. Raises TrainingError."""
    if name not in LOSSES:
        raise TrainingError(f"unknown loss {name!r}", hint=f"known: {', '.join(sorted(LOSSES))}")
    return LOSSES[name]
