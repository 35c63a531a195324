"""How much structure is lost: 1 - SSIM and 1 - MS-SSIM, in float32 whatever precision training runs in.

Window, constants and borders are those of ``metrics/structure.py``.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.metrics.structure import C1, C2, SCALES, WEIGHTS

WINDOW = len(WEIGHTS)  # pixels
LEAST = 1e-4  # of a scale's similarity: below zero its power has no value, at zero no slope


class SSIM(nn.Module):
    """1 - SSIM: 0 where the two are equal, at most 2. [Wang et al. 2004]"""

    def forward(self, candidate: Tensor, target: Tensor) -> Tensor:
        """Mean over pixels, channels and pictures. Raises TrainingError when a side is shorter than the window."""
        _refuse_small(candidate)
        with torch.autocast(candidate.device.type, enabled=False):
            luminance, contrast = _similarities(candidate.float(), target.float())
            return 1 - (luminance * contrast).mean()


class MSSSIM(nn.Module):
    """1 - MS-SSIM: contrast and structure at five scales, luminance at the coarsest. [Wang et al. 2003]

    Each scale halves the one before. A crop under 176 pixels has no room for five: as many are taken as the window
    fits into, and their weights are scaled to sum to 1.
    """

    def forward(self, candidate: Tensor, target: Tensor) -> Tensor:
        """Mean over pictures. Raises TrainingError when a side is shorter than the window."""
        _refuse_small(candidate)
        with torch.autocast(candidate.device.type, enabled=False):
            x, y = candidate.float(), target.float()
            weights = _fitting_scales(min(x.shape[-2:]))
            similarity = x.new_ones(len(x))
            for scale, weight in enumerate(weights):
                luminance, contrast = _similarities(x, y)
                last = scale == len(weights) - 1
                seen = (luminance * contrast if last else contrast).mean((1, 2, 3))
                similarity = similarity * seen.clamp(min=LEAST) ** weight
                x, y = (x, y) if last else (F.avg_pool2d(x, 2), F.avg_pool2d(y, 2))
            return 1 - similarity.mean()


def _refuse_small(candidate: Tensor) -> None:
    height, width = candidate.shape[-2:]
    if min(height, width) < WINDOW:
        raise TrainingError(
            f"structural losses need sides of at least {WINDOW} pixels, got {height}x{width}", hint="raise data.side"
        )


def _fitting_scales(side: int) -> list[float]:
    """Weights of the scales that the window fits into, summing to 1 (the paper's sum to 1.0001)."""
    weights = [weight for scale, weight in enumerate(SCALES) if side >> scale >= WINDOW]
    return weights if len(weights) == len(SCALES) else [weight / sum(weights) for weight in weights]


def _similarities(candidate: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Luminance, and contrast times structure, at every place of the window.

    Eq. 13 of the 2004 paper with candidate = target + error, which keeps float32 exact where the two are close.
    """
    error = candidate - target
    maps = torch.stack([target, error, target * target, error * error, target * error])
    mean, shift, square, error_square, cross = _blur(maps)
    variance, error_variance, error_covariance = square - mean**2, error_square - shift**2, cross - mean * shift
    product, covariance = mean * (mean + shift), variance + error_covariance
    luminance = (2 * product + C1) / (2 * product + shift**2 + C1)
    contrast = (2 * covariance + C2) / (2 * covariance + error_variance + C2)
    return luminance, contrast


def _blur(maps: Tensor) -> Tensor:
    """Weighted mean under the window wherever it fits: (..., H, W) -> (..., H - 10, W - 10)."""
    down, across = (_window(side, maps) for side in maps.shape[-2:])
    return down @ maps @ across.mT


def _window(side: int, like: Tensor) -> Tensor:
    """(side - 10, side), the window at each place as a row: a product is twenty times as fast as a convolution."""
    rows = like.new_zeros(side - WINDOW + 1, side)
    for offset, weight in enumerate(WEIGHTS.tolist()):
        rows.diagonal(offset).fill_(weight)
    return rows
