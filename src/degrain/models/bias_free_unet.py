"""The network behind tiny, small, base, large and photo: a bias-free U-Net of plain convolutions.

Close to DRUNet [Zhang et al. 2021, "Plug-and-play image restoration with deep denoiser prior"], made for a CPU:
- a pixel-unshuffle stem, so that no convolution runs at full resolution [FFDNet, Zhang et al. 2018];
- no bias, no norm, no attention, hence f(a y, a sigma) = a f(y, sigma): it generalises beyond the noise it was
  trained on [Mohan et al. 2020, "Robust and interpretable blind image denoising via bias-free CNNs"];
- the stem passes no brightness, to the very edge, and the subtraction at the end puts it back:
  f(y + b, sigma) = f(y, sigma) + b [after Herbreteau et al. 2023, "Normalization-equivariant neural networks"];
- leaky rectifiers, as homogeneous as plain ones, which cannot die for want of a bias;
- a noise-level map of one value per pixel, where zero means unknown and keeps the homogeneity;
- one trunk for colour and gray: colour enters planes 0-2, gray plane 3.
It runs on Pad, Conv, LeakyRelu, Add, Sub, Concat, ConvTranspose and DepthToSpace alone, and on Cast where weights are
kept in 16 bit.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.models.base import DenoisingNet
from degrain.models.blocks import DepthwiseBlock, RepConv, ResidualBlock, UnshuffleConv, doubling, halving
from degrain.spec import InputRule

BLOCKS: dict[str, type[ResidualBlock | DepthwiseBlock]] = {"residual": ResidualBlock, "depthwise": DepthwiseBlock}
STEM = 2  # the finest level runs at half resolution


class BiasFreeUNet(DenoisingNet):
    """A U-Net by configuration.

    Args:
        widths: channels of each level, finest first (the finest runs at half resolution).
        blocks: blocks on the way down, one count per level; the last is the bottom's.
        blocks_up: blocks on the way up, coarse to fine; as on the way down when not given.
        block: ``"residual"`` (two 3x3) or ``"depthwise"``.
        centred: whether the stem keeps brightness out.
        told: whether it reads the noise level; else it always works blind.
    """

    def __init__(
        self,
        widths: Sequence[int],
        blocks: Sequence[int],
        blocks_up: Sequence[int] | None = None,
        block: str = "residual",
        centred: bool = True,
        told: bool = True,
    ) -> None:
        super().__init__(planes={3: (0, 1, 2), 1: (3,)}, wants_level=told)
        if block not in BLOCKS:
            raise TrainingError(f"block is one of {', '.join(BLOCKS)}; got {block!r}")
        self.widths, self.blocks = list(widths), list(blocks)
        self.blocks_up = list(blocks_up) if blocks_up is not None else self.blocks[-2::-1]
        self.block = block

        def stage(width: int, count: int) -> nn.Sequential:
            return nn.Sequential(*(BLOCKS[block](width) for _ in range(count)))

        steps = list(zip(self.widths, self.widths[1:], strict=False))  # (finer, coarser) neighbours
        self.stem = UnshuffleConv(self.width + told, self.widths[0], centred=self.width if centred else 0)
        self.down = nn.ModuleList(stage(w, n) for w, n in zip(self.widths, self.blocks, strict=True))
        self.shrink = nn.ModuleList(halving(fine, coarse) for fine, coarse in steps)
        self.grow = nn.ModuleList(doubling(coarse, fine) for fine, coarse in reversed(steps))
        self.up = nn.ModuleList(stage(w, n) for w, n in zip(self.widths[-2::-1], self.blocks_up, strict=True))
        self.tail = RepConv(self.widths[0], self.width * STEM**2, gain=0.2)

    @property
    def rule(self) -> InputRule:
        """Sides are multiples of the coarsest level's stride."""
        return InputRule(multiple_of=self._stride(len(self.widths) - 1), minimum=self._stride(len(self.widths) - 1))

    @property
    def halo(self) -> int:
        """Half the receptive field, on the safe side: each 3x3 reaches one pixel of its own level."""
        reach = BLOCKS[self.block].reach
        ways = [*enumerate(self.blocks), *zip(range(len(self.widths) - 2, -1, -1), self.blocks_up, strict=True)]
        convs = 2 * STEM + sum(reach * count * self._stride(level) for level, count in ways)
        return convs + self._stride(len(self.widths) - 1)  # the strides' own phases

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """Predicts the noise and takes it away."""
        x = self.stem(torch.cat([noisy, level], dim=1) if self.wants_level else noisy)  # (N, widths[0], H/2, W/2)
        skips = []
        for stage, shrink in zip(self.down, self.shrink, strict=False):
            x = stage(x)
            skips.append(x)
            x = shrink(x)  # half the size, the next width
        x = self.down[-1](x)
        for grow, stage in zip(self.grow, self.up, strict=True):
            x = stage(grow(x) + skips.pop())  # twice the size, the finer width
        return noisy - F.pixel_shuffle(self.tail(x), STEM)

    def begin_from(self, other: DenoisingNet) -> None:
        """Take over a network that may be narrower and have fewer blocks: at first this one computes the same.

        Channels that only this one has see the old ones and are seen by none of them; blocks that only this one has
        add nothing yet; one that is not told the level does what the other does blind.
        [Chen et al. 2016, "Net2Net", with fresh channels in place of copies]
        """
        if not (isinstance(other, BiasFreeUNet) and other.block == self.block and self._holds(other)):
            raise TrainingError("a network can begin only from one of its kind that is no wider and no deeper")
        learnt = other.state_dict()
        for name, weight in self.state_dict().items():
            if name in learnt:
                old = learnt[name][tuple(slice(size) for size in weight.shape)]  # the level, last in the stem, may go
                outputs = 1 if name.startswith("grow.") else 0  # the axis: transposed convolutions have it second
                weight.narrow(outputs, 0, old.shape[outputs]).zero_()
                weight[tuple(slice(size) for size in old.shape)] = old
            elif ".second." in name:  # what a block adds
                weight.zero_()

    def _holds(self, other: "BiasFreeUNet") -> bool:
        pairs = [(self.widths, other.widths), (self.blocks, other.blocks), (self.blocks_up, other.blocks_up)]
        return (
            other.wants_level >= self.wants_level
            and bool(other.stem.centred) == bool(self.stem.centred)
            and all(len(own) == len(theirs) for own, theirs in pairs)
            and all(size >= least for own, theirs in pairs for size, least in zip(own, theirs, strict=True))
        )

    def folded(self) -> Self:
        """A copy whose convolutions are plain 3x3."""
        net = copy.deepcopy(self).eval()
        for module in list(net.modules()):
            for name, child in module.named_children():
                if isinstance(child, (RepConv, UnshuffleConv)):
                    setattr(module, name, child.folded())
        return net

    def unfold(self, weights: Mapping[str, Tensor]) -> None:
        """Merged kernels become one branch; the other branch begins anew."""
        plain = self.folded()
        plain.load_state_dict(weights)
        self.load_state_dict(weights, strict=False)  # what has no branches
        merged = dict(plain.named_modules())
        for name, module in self.named_modules():
            if isinstance(module, (RepConv, UnshuffleConv)) and name in merged:  # not the RepConv inside the stem
                module.unfold(merged[name])

    def rounded(self) -> Self:
        """A copy with weights that 16 bit hold, but for the stem's: rounded kernels would let brightness pass."""
        net = super().rounded()
        net.stem.load_state_dict(self.stem.state_dict())
        return net

    @staticmethod
    def _stride(level: int) -> int:
        return int(STEM * 2**level)
