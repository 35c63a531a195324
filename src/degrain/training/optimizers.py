"""Optimisers by name: torch's, and Muon, which is ours because torch's takes no convolution kernels."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam, AdamW, Optimizer

from degrain.errors import TrainingError, building


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
            alike: dict[tuple[int, int], list[Tensor]] = {}  # kernels of one matrix shape go through together
            for param in group["params"]:
                if param.grad is not None:
                    alike.setdefault((len(param), param[0].numel()), []).append(param)
            for shape, params in alike.items():
                self._update(params, group, scale=group["rms"] * max(shape) ** 0.5)
        return loss

    def _update(self, params: list[Tensor], group: dict[str, Any], scale: float) -> None:
        for param in params:
            if not self.state[param]:
                self.state[param]["momentum"] = torch.zeros_like(param)
        momenta = [self.state[param]["momentum"] for param in params]
        gradients = [param.grad for param in params if param.grad is not None]  # all of them: step has seen to it
        torch._foreach_lerp_(momenta, gradients, 1 - group["momentum"])
        nesterov = torch._foreach_lerp(gradients, momenta, group["momentum"])
        updates = orthogonalised(
            torch.stack([ahead.reshape(len(ahead), -1) for ahead in nesterov])
        )  # (K, rows, columns)
        torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
        shaped = [update.reshape(param.shape) for update, param in zip(updates, params, strict=True)]
        torch._foreach_add_(params, shaped, alpha=-group["lr"] * scale)


def orthogonalised(matrices: Tensor, iterations: int = 5) -> Tensor:
    """Matrices (..., rows, columns) with the singular vectors of the given ones and singular values near 1.

    Newton-Schulz iteration; the polynomial is iterated on the small Gram matrix X X^T, of which it is a function too,
    and applied to X once.
    """
    a, b, c = 3.4445, -4.7750, 2.0315  # quintic that pulls (0, 1] towards 1 fastest [Jordan et al. 2024]
    exact = matrices.to(torch.promote_types(matrices.dtype, torch.float32))  # 16 bit would not converge
    wide = exact if exact.shape[-2] <= exact.shape[-1] else exact.mT
    gram = wide @ wide.mT
    identity = torch.eye(gram.shape[-1], device=gram.device, dtype=gram.dtype)
    power = gram.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None] + 1e-14  # squared Frobenius norm of X
    gram, product = gram / power, identity / power.sqrt()
    for _ in range(iterations):
        factor = a * identity + b * gram + c * gram @ gram
        product = factor @ product
        gram = factor @ gram @ factor
    update = (product @ wide).to(matrices.dtype)
    return update if matrices.shape[-2] <= matrices.shape[-1] else update.mT


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"adam": Adam, "adamw": AdamW, "muon": Muon}


def optimizer_named(name: str, params: Iterable[nn.Parameter], **settings: Any) -> Optimizer:
    """The optimiser of that name over these parameters. Raises TrainingError."""
    if name not in OPTIMIZERS:
        raise TrainingError(f"unknown optimizer {name!r}", hint=f"known: {', '.join(sorted(OPTIMIZERS))}")
    with building(f"optimizer {name!r}"):
        return OPTIMIZERS[name](params, **settings)
