"""Held-out pictures as they come out now: clean | noisy | denoised, one file for each validation."""

from pathlib import Path
from typing import Any

import lightning as L
from torch import Tensor

from degrain.images.panel import panel
from degrain.images.picture import Picture
from degrain.images.scale import EIGHT_BIT
from degrain.images.write import write
from degrain.objectives.batch import Batch
from degrain.training.loggers import log_picture
from degrain.training.module import DenoisingModule


class Samples(L.Callback):
    """Writes ``samples/STEP.png`` from the first picture of one validation batch, with the averaged weights.

    It is the one of the middle noise, the earlier of two, in colour where there is some.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_validation_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Denoise one picture and write the panel."""
        if not trainer.is_global_zero or not isinstance(pl_module, DenoisingModule):
            return
        kinds = len(pl_module.by_planes.net.planes)  # batches under each noise: colour then gray, or one of the two
        noises = max(int(trainer.num_val_batches[0]) // kinds, 1)
        if batch_idx != (noises - 1) // 2 * kinds:
            return
        denoised = pl_module.denoise(batch["noisy"][:1], batch["level"][:1])
        columns = [("noisy", batch["noisy"][0]), (f"step {trainer.global_step}", denoised[0])]
        if "clean" in batch:
            columns.insert(0, ("clean", batch["clean"][0]))
        self.folder.mkdir(exist_ok=True)
        shown = panel([(caption, as_picture(pixels)) for caption, pixels in columns])
        write(shown, self.folder / f"{trainer.global_step:07d}.png", overwrite=True)
        log_picture(trainer.loggers, "sample", shown, trainer.global_step)


def as_picture(pixels: Tensor) -> Picture:
    """(C, H, W) in unit range as an 8-bit picture."""
    return Picture(EIGHT_BIT.to_stored(pixels.float().cpu().numpy().transpose(1, 2, 0)), EIGHT_BIT)
