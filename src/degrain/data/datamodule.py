"""From pictures to batches: they become a tile bank on the device, and step k draws batch k from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import cast

import lightning as L
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from degrain.data.draw import TorchDraw
from degrain.data.resize import reduced
from degrain.data.tile_bank import TileBank, luma
from degrain.errors import TrainingError
from degrain.noise.base import NoiseModel
from degrain.objectives.batch import Batch
from degrain.sources.base import Side
from degrain.sources.split import Split


@dataclass(frozen=True)
class Crops:
    """How batches are cut.

    Attributes:
        side: side of a crop, pixels.
        batch: crops per step and device.
        tile: side of the tiles kept on the device, at least ``side``.
        gray: share of steps that see luma instead of colour.
        blind: share of pictures whose noise level the network is not told.
        resize: pixels that the shorter side of each picture is reduced to before tiles are cut; None leaves it.
    """

    side: int = 96
    batch: int = 8
    tile: int = 192
    gray: float = 0.3
    blind: float = 0.25
    resize: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.side <= self.tile:
            raise TrainingError(f"data.side must lie between 1 and data.tile, got {self.side} and {self.tile}")
        if self.resize is not None and self.resize < self.tile:
            raise TrainingError(f"data.resize must be at least data.tile, got {self.resize} and {self.tile}")


class TileData(L.LightningDataModule):
    """Noisy crops of pictures, drawn on the device where training runs.

    Every draw is a function of the seed and the step, so a run resumed after a crash sees the very same batches.
    """

    def __init__(
        self, pictures: Split, noise: NoiseModel, valid_noises: Sequence[NoiseModel], crops: Crops, seed: int
    ) -> None:
        super().__init__()
        self.pictures, self.noise, self.valid_noises = pictures, noise, valid_noises
        self.crops, self.seed = crops, seed
        self.bank: TileBank | None = None
        self.held_out: list[Batch] = []

    def setup(self, stage: str) -> None:
        """Read every picture of the split once."""
        if self.bank is None:
            device = self._trainer().strategy.root_device
            self.bank = self._bank("train", device)
            self.held_out = list(self._held_out(device))

    def train_dataloader(self) -> Iterator[Batch]:
        """Endless; starts at the step that the trainer has reached."""
        trainer = self._trainer()
        first = trainer.global_step * trainer.accumulate_grad_batches
        seed = self.seed * trainer.world_size + trainer.global_rank
        return (self.batch(seed, step) for step in count(first))

    def val_dataloader(self) -> DataLoader[Batch]:
        """The frozen validation batches, one per noise, colour then gray."""
        return DataLoader(cast(Dataset[Batch], self.held_out), batch_size=None)

    def batch(self, seed: int, step: int) -> Batch:
        """The batch of one step."""
        assert self.bank is not None  # noqa: S101  # set up by the trainer before any batch is asked for
        draw = TorchDraw.of_step(seed, step, self.crops.batch, self.bank.tiles.device)
        clean = self.bank.crops(self.crops.side, draw)
        if bool(draw.chance(self.crops.gray)[0]):
            clean = luma(clean)
        return noisy_batch(clean, self.noise, draw, self.crops.blind)

    def _held_out(self, device: torch.device) -> Iterator[Batch]:
        """Centre crops of the held-out pictures under one frozen draw."""
        try:
            bank = self._bank("valid", device)
        except TrainingError:
            return
        every = max(1, len(bank.tiles) // 32)  # 32 tiles say enough between two checkpoints
        colour = bank.tiles[::every].float() / 255
        for noise in self.valid_noises:
            for clean in (colour, luma(colour)):
                yield noisy_batch(clean, noise, TorchDraw.of_step(self.seed, -1, len(clean), device), blind=0.0)

    def _bank(self, side: Side, device: torch.device) -> TileBank:
        pictures = (item.load() for item in self.pictures.items(side))
        if self.crops.resize is not None:
            pictures = (reduced(picture, self.crops.resize) for picture in pictures)
        return TileBank(pictures, self.crops.tile, device)

    def _trainer(self) -> L.Trainer:
        assert self.trainer is not None  # noqa: S101  # Lightning attaches it
        return self.trainer


def noisy_batch(clean: Tensor, noise: NoiseModel, draw: TorchDraw, blind: float) -> Batch:
    """Spoil (N, C, H, W) clean pictures; each keeps its own noise level, or zeros where it stays blind."""
    pinned = noise.pin(draw)
    told = torch.where(draw.chance(blind), 0.0, torch.as_tensor(pinned.level, device=clean.device))
    level = told.expand(len(clean), 1, *clean.shape[2:]).contiguous()
    return {"noisy": pinned.apply(clean, draw), "clean": clean, "level": level}
