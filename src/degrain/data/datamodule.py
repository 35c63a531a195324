"""From pictures to batches: they become tiles on the device, and step k draws batch k from them."""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Literal, cast

import lightning as L
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from degrain.data.captured import Captured
from degrain.data.crops import CAPTURED, FRESH, Crops, unit
from degrain.data.draw import TorchDraw
from degrain.data.shots import Fresh, Frozen, Keys, Supply, noisy_batch
from degrain.data.tile_bank import TileBank, check_large_enough
from degrain.errors import TrainingError
from degrain.images.colour import luma
from degrain.images.finite import check_clean
from degrain.images.picture import Picture
from degrain.noise.base import NoiseModel
from degrain.noise.gaussian import Gaussian
from degrain.objectives.batch import Batch
from degrain.sources.base import Item, Scene, Side
from degrain.sources.readable import readable
from degrain.sources.split import Split
from degrain.sources.with_jpegs import with_jpegs

log = logging.getLogger("degrain")

HELD_OUT = 32  # tiles: they say enough between two checkpoints
SCORED = frozenset({"noisy", "clean", "level"})  # what PSNR needs
MISSING = {  # key of a batch -> the next step when nobody can fill it
    "clean": "name the source's clean pictures, or take an objective that needs none, such as objective=noise2noise",
    "second": "give data.shots=2 or more, or a source with two captures or more of every scene",
}


class TileData(L.LightningDataModule):
    """Noisy crops of pictures, drawn on the device where training runs.

    Every draw is a function of the seed and the step, so a run resumed after a crash sees the very same batches.

    Args:
        pictures: what there is to train on and to validate on.
        noise: what spoils them, unless they are captured with their own.
        valid_noises: what spoils the held-out ones, likewise.
        crops: how batches are cut, and where noisy shots come from.
        seed: of all draws.
        needs: the keys that a training batch has.
        valid_side: of the held-out tiles, pixels; that of the stored tiles unless given.
        channels: channel counts that the network takes; luma is made for one of gray, and only colour of colour used.

    Raises:
        TrainingError: a key that these pictures cannot fill, or no picture to train on.
    """

    def __init__(
        self,
        pictures: Split,
        noise: NoiseModel,
        valid_noises: Sequence[NoiseModel],
        crops: Crops,
        seed: int,
        needs: Keys,
        channels: Collection[int] = (1, 3),
        valid_side: int | None = None,
    ) -> None:
        super().__init__()
        self.pictures, self.noise, self.valid_noises = pictures, noise, valid_noises
        self.seed, self.needs, self.channels = seed, needs, channels
        self.valid_side = valid_side or crops.tile
        self.crops = crops if {1, 3} <= set(channels) else replace(crops, gray=float(3 not in channels))
        self.supply: Supply | None = None
        self.held_out: list[Batch] = []
        self.device = torch.device("cpu")
        gives = self._gives()
        if missing := sorted(needs - gives):
            raise TrainingError(
                f"the objective needs {missing[0]!r}, but with data.shots={crops.shots} this source gives only "
                + ", ".join(sorted(gives)),
                hint=MISSING.get(missing[0]),
            )

    def setup(self, stage: str) -> None:
        """Read every picture of the split once."""
        if self.supply is None:
            self.read(self._trainer().strategy.root_device)

    def read(self, device: torch.device) -> None:
        """Read every picture, to be kept on the device; what cannot be used is left out and listed.

        Raises TrainingError when none can be used.
        """
        self.device, captured = device, self.crops.shots == CAPTURED
        self.supply = self._captured("train", self.crops.tile) if captured else self._drawn(device)
        try:
            held_out = list(self._held_out_shots() if captured else self._held_out(device))
        except TrainingError as error:  # nothing is held out, or nothing large enough
            log.warning("no validation: %s%s", error, f"; {error.hint}" if error.hint else "")
            held_out = []
        self.held_out = [batch for batch in held_out if batch["noisy"].shape[1] in self.channels]

    def train_dataloader(self) -> Iterator[Batch]:
        """Endless; starts at the step that the trainer has reached."""
        trainer = self._trainer()
        first = trainer.global_step * trainer.accumulate_grad_batches
        share = slice(trainer.global_rank, None, trainer.world_size)
        return (self.batch(self.seed, step, trainer.world_size, share) for step in count(first))

    def val_dataloader(self) -> DataLoader[Batch]:
        """The frozen validation batches: one per noise, colour then gray; of captured scenes one per kind."""
        return DataLoader(cast(Dataset[Batch], self.held_out), batch_size=None)

    def batch(self, seed: int, step: int, devices: int = 1, share: slice = slice(None)) -> Batch:
        """What one device takes of the batch of one step, which is drawn for all of them together.

        It has the keys that the objective needs, and no others.
        """
        assert self.supply is not None  # noqa: S101  # set up by the trainer before any batch is asked for
        draw = TorchDraw.of_step(seed, step, self.crops.batch * devices, self.device)
        whole = cast(dict[str, Tensor], self.supply.batch(self.crops, draw, self.needs))
        return cast(Batch, {key: tensor[share] for key, tensor in whole.items()})

    def _gives(self) -> Keys:
        """What a batch can be filled with; no picture is opened."""
        if self.crops.shots != CAPTURED:
            return frozenset({"noisy", "clean", "level"} | ({"second"} if self.crops.shots != 1 else set()))
        scenes = self._scenes("all")
        pairs = {"second"} if all(len(scene.shots) > 1 for scene in scenes) else set()
        clean = {"clean"} if all(scene.clean for scene in scenes) else set()
        return frozenset({"noisy", "level"} | pairs | clean)

    def _scenes(self, side: Side | Literal["all"]) -> list[Scene]:
        scenes = [item for item in self.pictures.items(side) if isinstance(item, Scene)]
        if not scenes:
            raise TrainingError(
                "data.shots=captured needs captures of scenes, and this source has single pictures",
                hint="take source=shots, or spoil the pictures with data.shots=fresh",
            )
        return scenes

    def _drawn(self, device: torch.device) -> Fresh | Frozen:
        items = with_jpegs(self.pictures.items("train"), self.crops.jpegs)
        bank = self._bank(items, self.crops.tile, device)
        if self.crops.shots == FRESH:
            return Fresh(bank, self.noise)
        return Frozen(bank, self.noise, int(self.crops.shots), self.seed)

    def _bank(self, items: Iterable[Item], tile: int, device: torch.device) -> TileBank:
        """The pictures that can be targets, as tiles."""

        def clean(item: Item) -> Picture:
            picture = item.load()
            check_clean(picture)
            check_large_enough(picture, tile)
            return picture

        return TileBank(readable(items, clean), tile, device)

    def _held_out(self, device: torch.device) -> Iterator[Batch]:
        """Tiles of the held-out pictures under one frozen draw."""
        bank = self._bank(self.pictures.items("valid"), self.valid_side, device)
        colour = unit(bank.tiles[:: max(1, len(bank.tiles) // HELD_OUT)])
        for noise in self.valid_noises:
            for clean in (colour, luma(colour)):
                draw = TorchDraw.of_step(self.seed, -1, len(clean), device)
                batch = noisy_batch(clean, noise, draw, blind=0.0, needs=SCORED)
                batch["noise"] = called(noise)
                yield batch

    def _held_out_shots(self) -> Iterator[Batch]:
        return self._captured("valid", self.valid_side).held_out(most=HELD_OUT)

    def _captured(self, side: Side, tile: int) -> Captured:
        captured = Captured(self._scenes(side), tile, self.device)
        if not {1, captured.shots.shape[1]} & set(self.channels):
            raise TrainingError(
                f"the captures are gray, and this network takes {' or '.join(map(str, self.channels))} channels",
                hint="set model.settings.channels=1",
            )
        return captured

    def _trainer(self) -> L.Trainer:
        assert self.trainer is not None  # noqa: S101  # Lightning attaches it
        return self.trainer


def called(noise: NoiseModel) -> str:
    """A noise's name in the log: its sigma where one number says it all, else its short form."""
    return f"{noise.sigma:g}" if isinstance(noise, Gaussian) and isinstance(noise.sigma, float) else str(noise)
