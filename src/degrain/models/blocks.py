"""Small blocks that several networks share. Those of the bias-free network: f(a x) = a f(x) for every a > 0."""

from math import prod
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Conv = TypeVar("Conv", nn.Conv2d, nn.ConvTranspose2d)
SLOPE = 0.1  # of the negative side: without bias or norm, a plain ReLU that has died never comes back


class RepConv(nn.Module):
    """A 3x3 convolution that trains as 3x3 + 1x1 + identity and runs as one 3x3.

    The branches are summed into one kernel before the convolution, so training costs no more than a plain one.
    [Ding et al. 2021, RepVGG; without batch norm]
    """

    def __init__(self, inputs: int, outputs: int, gain: float = 1.0) -> None:
        super().__init__()
        self.dense = nn.Parameter(kernel(inputs, outputs, 3, gain))
        self.point = nn.Parameter(torch.zeros(outputs, inputs, 1, 1))

    def kernel(self) -> Tensor:
        """The merged kernel, (outputs, inputs, 3, 3)."""
        return self.dense + F.pad(self.point, (1, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H, W)."""
        return F.conv2d(x, self.kernel(), padding=1)

    def folded(self) -> nn.Conv2d:
        """The same map as a plain convolution."""
        outputs, inputs = self.dense.shape[:2]
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        conv.weight = nn.Parameter(self.kernel().detach().clone())
        return conv

    @torch.no_grad()
    def unfold(self, plain: nn.Module) -> None:
        """Become the same map as what ``folded`` gave."""
        self.dense.copy_(plain.get_parameter("weight"))
        self.point.zero_()


class UnshuffleConv(nn.Module):
    """Pixel-unshuffle by two, then a RepConv; runs as one 6x6 convolution of stride two, with no pixel moved twice.

    The kernels over the first ``centred`` inputs sum to zero, so that the brightness of a picture does not pass: it
    would drown all else that the features say, and noise does not depend on it. For the same reason the edge pixels are
    repeated outwards: beside zeros a bright picture would end in a step.
    """

    margin = 2  # pixels

    def __init__(self, inputs: int, outputs: int, centred: int) -> None:
        super().__init__()
        self.centred = centred
        self.conv = RepConv(4 * inputs, outputs)

    def kernel(self) -> Tensor:
        """The merged kernel, (outputs, 4 inputs, 3, 3), the four phases of an input next to each other."""
        merged = self.conv.kernel()
        taps = merged.reshape(len(merged), -1, 36)  # all that fall on one input
        bright, rest = taps[:, : self.centred], taps[:, self.centred :]
        return torch.cat([bright - bright.mean(2, keepdim=True), rest], dim=1).reshape(merged.shape)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H/2, W/2)."""
        around = F.pad(x, [self.margin] * 4, mode="replicate")
        return F.conv2d(F.pixel_unshuffle(around, 2), self.kernel())

    def folded(self) -> nn.Sequential:
        """The same map as a plain convolution of what the padding gives."""
        merged = self.kernel().detach()
        phases = merged.reshape(len(merged), -1, 2, 2, 3, 3)  # (O, I, row phase, column phase, row, column)
        weight = phases.permute(0, 1, 4, 2, 5, 3).reshape(len(merged), -1, 6, 6)
        conv = nn.Conv2d(weight.shape[1], len(merged), 6, stride=2, bias=False)
        conv.weight = nn.Parameter(weight.contiguous())
        return nn.Sequential(nn.ReplicationPad2d(self.margin), conv)

    @torch.no_grad()
    def unfold(self, plain: nn.Module) -> None:
        """Become the same map as what ``folded`` gave."""
        taps = plain.get_parameter("1.weight")  # (O, I, 6, 6)
        phases = taps.reshape(*taps.shape[:2], 3, 2, 3, 2).permute(0, 1, 3, 5, 2, 4)
        self.conv.dense.copy_(phases.reshape(self.conv.dense.shape))
        self.conv.point.zero_()


class ResidualBlock(nn.Module):
    """x + conv(leaky(conv(x)))."""

    reach = 2  # pixels of its own level

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = RepConv(width, width)
        self.second = RepConv(width, width, gain=0.2)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) -> the same shape."""
        residual: Tensor = self.second(F.leaky_relu(self.first(x), SLOPE))
        return x + residual


class DepthwiseBlock(nn.Module):
    """x + point(leaky(point(depthwise(x)))), hidden width twice the width. [Liu et al. 2022, ConvNeXt, no norm]"""

    reach = 2  # pixels of its own level

    def __init__(self, width: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False)
        self.expand = nn.Conv2d(width, 2 * width, 1, bias=False)
        self.shrink = nn.Conv2d(2 * width, width, 1, bias=False)
        nn.init.zeros_(self.shrink.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) -> the same shape."""
        residual: Tensor = self.shrink(F.leaky_relu(self.expand(self.spread(x)), SLOPE))
        return x + residual


def halving(inputs: int, outputs: int) -> nn.Conv2d:
    """A 2x2 convolution of stride two: (N, inputs, H, W) -> (N, outputs, H/2, W/2)."""
    return he_init(nn.Conv2d(inputs, outputs, 2, stride=2, bias=False))


def doubling(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    """A 2x2 transposed convolution of stride two: (N, inputs, H, W) -> (N, outputs, 2 H, 2 W)."""
    conv = nn.ConvTranspose2d(inputs, outputs, 2, stride=2, bias=False)
    nn.init.normal_(conv.weight, std=inputs**-0.5)  # each output pixel sees one tap of every input
    return conv


def he_conv(inputs: int, outputs: int, size: int = 3, bias: bool = True, gain: float = 1.0) -> nn.Conv2d:
    """A convolution that keeps the size, initialised by ``he_init``."""
    return he_init(nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=bias), gain)


def he_init(conv: Conv, gain: float = 1.0) -> Conv:
    """The layer with fresh weights, and no bias yet."""
    taps = prod(conv.kernel_size)
    if isinstance(conv, nn.ConvTranspose2d):
        taps //= prod(conv.stride)  # so many meet in one output pixel
    nn.init.normal_(conv.weight, std=gain * he_deviation(conv.in_channels * taps))
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)
    return conv


def kernel(inputs: int, outputs: int, size: int, gain: float = 1.0) -> Tensor:
    """Fresh weights, (outputs, inputs, size, size)."""
    return gain * he_deviation(inputs * size**2) * torch.randn(outputs, inputs, size, size)


def he_deviation(taps: int) -> float:
    """Of weights of which so many meet in one output: it keeps a signal's strength through a ReLU. [He et al. 2015]"""
    return float((2 / taps) ** 0.5)
