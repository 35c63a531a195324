"""Optimisers by name. AdamW is torch's; Muon is ours because torch's takes matrices only, not convolution kernels."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from degrain.errors import TrainingError


class Muon(Optimizer):
    """Momentum whose update is orthogonalised: every direction of a kernel learns at the same pace.

    Kernels (O, I, k, k) are treated as O x (I k k) matrices; each update has the root mean square ``rms`` that AdamW
    updates typically have, so learning rates carry over. [Jordan et al. 2024, Muon; Liu et al. 2025 for the scale]
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        rms: float = 0.2,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "rms": rms})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One update of every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    self._update(param, group)
        return loss

    def _update(self, param: nn.Parameter, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state["momentum"] = torch.zeros_like(param)
        momentum = state["momentum"].lerp_(param.grad, 1 - group["momentum"])
        nesterov = param.grad.lerp(momentum, group["momentum"])  # type: ignore[union-attr]  # checked by step
        matrix = nesterov.reshape(len(param), -1)
        update = orthogonalised(matrix).reshape(param.shape) * (group["rms"] * max(matrix.shape) ** 0.5)
        param.mul_(1 - group["lr"] * group["weight_decay"]).sub_(update, alpha=group["lr"])


def orthogonalised(matrix: Tensor, iterations: int = 5) -> Tensor:
    """A matrix with the singular vectors of the given one and singular values near 1, by Newton-Schulz iteration.

    The polynomial is iterated on the small Gram matrix X X^T, of which it is a function too, and applied to X once.
    """
    a, b, c = 3.4445, -4.7750, 2.0315  # quintic that pulls (0, 1] towards 1 fastest [Jordan et al. 2024]
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.mT
    wide = wide / (wide.norm() + 1e-7)
    gram = wide @ wide.mT
    product = identity = torch.eye(len(gram), device=gram.device)
    for _ in range(iterations):
        factor = a * identity + b * gram + c * gram @ gram
        product = factor @ product
        gram = factor @ gram @ factor
    update: Tensor = product @ wide
    return update if matrix.shape[0] <= matrix.shape[1] else update.mT


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"adamw": AdamW, "muon": Muon}


def optimizer_named(name: str, params: Iterable[nn.Parameter], **settings: Any) -> Optimizer:
    """The optimiser of that name over these parameters. Raises TrainingError."""
    if name not in OPTIMIZERS:
        raise TrainingError(f"unknown optimizer {name!r}", hint=f"known: {', '.join(sorted(OPTIMIZERS))}")
    try:
        return OPTIMIZERS[name](params, **settings)
    except (TypeError, ValueError) as error:
        raise TrainingError(f"optimizer {name!r} cannot be built: {error}") from error
