"""Sample by sample: distances between a candidate and its target, (N, C, H, W) each, as one scalar."""

import torch
from torch import Tensor, nn


class Charbonnier(nn.Module):
    """A smooth L1: sqrt(e^2 + 1e-6). [Charbonnier et al. 1994]"""

    def forward(self, candidate: Tensor, target: Tensor) -> Tensor:
        """Mean over all samples."""
        return torch.sqrt((candidate - target) ** 2 + 1e-6).mean()


class LogMSE(nn.Module):
    """Mean over pictures of log MSE: each decibel counts the same at every noise level. Up to a factor, -PSNR."""

    def forward(self, candidate: Tensor, target: Tensor) -> Tensor:
        """Mean over pictures."""
        return torch.log(((candidate - target) ** 2).mean((1, 2, 3)) + 1e-7).mean()
