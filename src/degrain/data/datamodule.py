"""From a source to batches: pictures become a tile bank on the device, and step k draws batch k from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import cast

import lightning as L
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from degrain.data.draw import TorchDraw
from degrain.data.tile_bank import TileBank, luma
from degrain.errors import TrainingError
from degrain.noise.base import NoiseModel
from degrain.objectives.batch import Batch
from degrain.sources.base import Source


@dataclass(frozen=True)
class Crops:
    """How batches are cut.

    Attributes:
        side: side of a crop, pixels.
        batch: crops per step and device.
        tile: side of the tiles kept on the device, at least ``side``.
        gray: share of steps that see luma instead of colour.
        blind: share of pictures whose noise level the network is not told.
    """

    side: int = 96
    batch: int = 8
    tile: int = 192
    gray: float = 0.3
    blind: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.side <= self.tile:
            raise TrainingError(f"data.side must lie between 1 and data.tile, got {self.side} and {self.tile}")


class TileData(L.LightningDataModule):
    """Noisy crops of a source, drawn on the device where training runs.

    Every draw is a function of the seed and the step, so a run resumed after a crash sees the very same batches.
    """

    def __init__(
        self, source: Source, noise: NoiseModel, valid_noises: Sequence[NoiseModel], crops: Crops, seed: int
    ) -> None:
        super().__init__()
        self.source, self.noise, self.valid_noises = source, noise, valid_noises
        self.crops, self.seed = crops, seed
        self.bank: TileBank | None = None
        self.held_out: list[Batch] = []

    def setup(self, stage: str) -> None:
        """Read every picture of the split once."""
        if self.bank is None:
            device = self._trainer().strategy.root_device
            pictures = (item.load() for item in self.source.items("train"))
            self.bank = TileBank(pictures, self.crops.tile, device)
            self.held_out = list(self._held_out(device))

    def train_dataloader(self) -> Iterator[Batch]:
        """Endless; starts at the step that the trainer has reached."""
        trainer = self._trainer()
        first = trainer.global_step * trainer.accumulate_grad_batches
        share = slice(trainer.global_rank, None, trainer.world_size)
        return (self.batch(self.seed, step, trainer.world_size, share) for step in count(first))

    def val_dataloader(self) -> DataLoader[Batch]:
        """The frozen validation batches, one per noise, colour then gray."""
        return DataLoader(cast(Dataset[Batch], self.held_out), batch_size=None)

    def batch(self, seed: int, step: int, devices: int = 1, share: slice = slice(None)) -> Batch:
        """What one device takes of the batch of one step, which is drawn for all of them together."""
        assert self.bank is not None  # noqa: S101  # set up by the trainer before any batch is asked for
        draw = TorchDraw.of_step(seed, step, self.crops.batch * devices, self.bank.tiles.device)
        clean = self.bank.crops(self.crops.side, draw)
        if bool(draw.chance(self.crops.gray)[0]):
            clean = luma(clean)
        whole = cast(dict[str, Tensor], noisy_batch(clean, self.noise, draw, self.crops.blind))
        return cast(Batch, {name: tensor[share] for name, tensor in whole.items()})

    def _held_out(self, device: torch.device) -> Iterator[Batch]:
        """Centre crops of the held-out pictures under one frozen draw."""
        try:
            bank = TileBank((item.load() for item in self.source.items("valid")), self.crops.tile, device)
        except TrainingError:
            return
        every = max(1, len(bank.tiles) // 32)  # 32 tiles say enough between two checkpoints
        colour = bank.tiles[::every].float() / 255
        for noise in self.valid_noises:
            for clean in (colour, luma(colour)):
                yield noisy_batch(clean, noise, TorchDraw.of_step(self.seed, -1, len(clean), device), blind=0.0)

    def _trainer(self) -> L.Trainer:
        assert self.trainer is not None  # noqa: S101  # Lightning attaches it
        return self.trainer


def noisy_batch(clean: Tensor, noise: NoiseModel, draw: TorchDraw, blind: float) -> Batch:
    """Spoil (N, C, H, W) clean pictures; each keeps its own noise level, or zeros where it stays blind."""
    pinned = noise.pin(draw)
    told = torch.where(draw.chance(blind), 0.0, torch.as_tensor(pinned.level, device=clean.device))
    level = told.expand(len(clean), 1, *clean.shape[2:]).contiguous()
    return {"noisy": pinned.apply(clean, draw), "clean": clean, "level": level}
