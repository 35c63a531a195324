"""A vision-transformer denoising autoencoder, made for histology at 64x64.

The experiment: an initial convolution for local features; patches of 8x8 with a positional encoding, 128 wide; 12
transformer blocks of 8 heads with an MLP of 256; back to a grid; transposed convolutions up, with skips from the
initial convolution. The blocks are those of [Dosovitskiy et al. 2021, "An image is worth 16x16 words"], pre-norm and
GELU, without class token and dropout. The differences, or what the experiment leaves open:
- the initial convolution is a stem of three, at full, half and quarter size, one skip each; the patches are embedded
  from its coarsest features (2x2 of them = 8x8 pixels), which trains more steadily than embedding pixels
  [Xiao et al. 2021, "Early convolutions help transformers see better"];
- the positional encoding is learned, so a picture has one size: tiles of 64x64 that fade into each other;
- widths of stem and decoder are ours, none are given.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.models.base import DenoisingNet, own_planes
from degrain.spec import InputRule


class ViTAutoencoder(DenoisingNet):
    """Convolutional stem, transformer over patches, convolutional decoder with skips.

    Args:
        channels: of the pictures.
        side: of the pictures, pixels.
        dim: width of a token.
        depth: transformer blocks.
        heads: of the attention, a divisor of ``dim``.
        mlp: hidden width of a block's MLP.
        stem: channels of the stem's levels, finest first; a patch has 2 ** len(stem) pixels a side.
    """

    def __init__(
        self,
        channels: int = 3,
        side: int = 64,
        dim: int = 128,
        depth: int = 12,
        heads: int = 8,
        mlp: int = 256,
        stem: Sequence[int] = (32, 64, 128),
    ) -> None:
        super().__init__(own_planes(channels), wants_level=False)
        self.side, self.patch = side, 2 ** len(stem)
        if side % self.patch or dim % heads:
            raise TrainingError(
                f"{heads} heads cannot share {dim} channels over {self.patch}x{self.patch} patches of a side of {side}",
                hint="side must be a multiple of 2 ** len(stem), and dim of heads",
            )
        grid = side // self.patch
        self.first = nn.Conv2d(channels, stem[0], 3, padding=1)
        self.stem = nn.ModuleList(nn.Conv2d(fine, coarse, 3, stride=2, padding=1) for fine, coarse in pairwise(stem))
        self.embed = nn.Conv2d(stem[-1], dim, 2, stride=2)
        self.position = nn.Parameter(0.02 * torch.randn(1, grid**2, dim))
        self.blocks = nn.Sequential(*(transformer_block(dim, heads, mlp) for _ in range(depth)), nn.LayerNorm(dim))
        upwards = [dim, *reversed(stem)]
        self.grow = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, stride=2) for i, o in pairwise(upwards))
        self.merge = nn.ModuleList(nn.Conv2d(2 * width, width, 3, padding=1) for width in upwards[1:])
        self.tail = nn.Conv2d(stem[0], channels, 3, padding=1)

    @property
    def rule(self) -> InputRule:
        """One size, for the positions are learned; every pixel of a tile sees all others, so tiles fade."""
        return InputRule(multiple_of=self.patch, minimum=self.side, exact=self.side, blend=self.side // 4)

    @property
    def halo(self) -> int:
        """None: the whole tile is the context, and fading is what seams get."""
        return 0

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """Gives the clean picture itself; the level stays unread."""
        skips = [F.gelu(self.first(noisy))]  # (N, stem[0], H, W)
        for conv in self.stem:
            skips.append(F.gelu(conv(skips[-1])))  # half the size
        grid = self.embed(skips[-1])  # (N, dim, H/patch, W/patch)
        tokens = grid.flatten(2).transpose(1, 2) + self.position  # (N, patches, dim)
        x = self.blocks(tokens).transpose(1, 2).unflatten(2, grid.shape[2:])  # (N, dim, H/patch, W/patch)
        for grow, merge in zip(self.grow, self.merge, strict=True):
            x = F.gelu(merge(torch.cat([grow(x), skips.pop()], dim=1)))  # twice the size
        clean: Tensor = self.tail(x)
        return clean


def transformer_block(dim: int, heads: int, mlp: int) -> nn.TransformerEncoderLayer:
    """Over (N, tokens, dim): x + attention(norm(x)), then x + mlp(norm(x))."""
    return nn.TransformerEncoderLayer(
        dim, heads, mlp, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
