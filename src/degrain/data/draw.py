"""Torch's side of chance: the verbs of ``noise/draw.py`` for a batch, on the device where training runs."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class TorchDraw:
    """Draws for a batch of N pictures from one torch generator."""

    generator: torch.Generator
    batch: int

    @classmethod
    def of_step(cls, seed: int, step: int, batch: int, device: torch.device) -> "TorchDraw":
        """The draw of one training step. It depends on nothing but the two numbers, so a resumed run repeats it."""
        mixed = (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9) % 2**63
        return cls(torch.Generator(device).manual_seed(mixed), batch)

    @classmethod
    def of_shot(cls, seed: int, tile: int, shot: int, device: torch.device) -> "TorchDraw":
        """The draw of one frozen shot of one tile: the same at every step. Shot -1 pins the noise of them all."""
        return cls.of_step(seed + 0xD1B54A32D192ED03 * (shot + 2), tile, 1, device)

    def number(self, low: float, high: float) -> Tensor:
        """(N, 1, 1, 1) uniform in [low, high)."""
        unit = torch.rand(self.batch, 1, 1, 1, generator=self.generator, device=self.generator.device)
        return low + (high - low) * unit

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal values, shaped like the tensor."""
        return torch.randn(like.shape, generator=self.generator, device=self.generator.device)

    def integers(self, high: int) -> Tensor:
        """(N,) integers in [0, high)."""
        return torch.randint(high, (self.batch,), generator=self.generator, device=self.generator.device)

    def chance(self, probability: float) -> Tensor:
        """(N, 1, 1, 1) booleans, true with that probability."""
        return self.number(0.0, 1.0) < probability
