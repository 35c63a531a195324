"""Checkpoints while training: one safetensors file, written whole, the one before it kept beside it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.plugins.io.checkpoint_io import CheckpointIO
from lightning.pytorch.callbacks import Checkpoint

from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint, save_checkpoint

LAST, PREVIOUS = "last.ckpt", "previous.ckpt"


class SafeCheckpoints(CheckpointIO):
    """Lightning's checkpoints without pickle."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write it whole or not at all."""
        save_checkpoint(checkpoint, Path(path))

    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: bool | None = None) -> dict[str, Any]:
        """Read it to the CPU; Lightning moves the tensors."""
        return load_checkpoint(Path(path))

    def remove_checkpoint(self, path: Any) -> None:
        """Delete it."""
        Path(path).unlink(missing_ok=True)


class KeepLast(Checkpoint):
    """Save ``last.ckpt`` every so many steps and when training stops; the one before becomes ``previous.ckpt``."""

    def __init__(self, folder: Path, every: int) -> None:
        self.folder, self.every, self.saved = folder, every, -1

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Mapping[str, Any], batch_idx: int
    ) -> None:
        """Lightning runs checkpoint callbacks after all others, so averages are up to date here."""
        step = trainer.global_step
        if step != self.saved and (step % self.every == 0 or step == trainer.max_steps or trainer.should_stop):
            if not torch.isfinite(outputs["loss"]):
                raise TrainingError(
                    f"the loss is {float(outputs['loss'])} at step {step}; the checkpoint before it is kept",
                    hint="resume with a lower optimizer.lr",
                )
            self._save(trainer)

    def _save(self, trainer: L.Trainer) -> None:
        self.saved = trainer.global_step
        last = self.folder / LAST
        if trainer.is_global_zero and last.exists():
            spare = self.folder / "spare.ckpt"
            spare.unlink(missing_ok=True)
            os.link(last, spare)  # last.ckpt exists at every instant
            spare.replace(self.folder / PREVIOUS)
        trainer.save_checkpoint(last)


def newest_checkpoint(folder: Path) -> Path:
    """The newest checkpoint that is whole.

    Raises:
        TrainingError: there is none.
    """
    for name in (LAST, PREVIOUS):
        path = folder / name
        try:
            load_checkpoint(path)
        except TrainingError:
            continue
        return path
    raise TrainingError(f"no usable checkpoint in {folder}", hint="start a new run without resume=")
