"""Checkpoints while training: one safetensors file, written whole, the one before it kept beside it."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import lightning as L
import torch
from lightning.fabric.plugins.io.checkpoint_io import CheckpointIO
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.utilities.exceptions import SIGTERMException
from omegaconf import OmegaConf

from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint, newest_checkpoint, save_checkpoint
from degrain.export.onnx import export_onnx
from degrain.storage.atomic import duplicate, whole_file
from degrain.storage.run_folder import BEST, LAST, PREVIOUS, RunFolder
from degrain.training.interrupt import BetweenSteps
from degrain.training.processes import is_first

log = logging.getLogger(__name__)


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


class KeepConfig(Checkpoint):
    """Write ``config.yaml`` when training begins: a later resume must not find a setting that was refused."""

    def __init__(self, config: Mapping[str, Any], path: Path) -> None:
        self.config, self.path = config, path

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """As the last of all callbacks: everything that may refuse has been asked by then."""
        if trainer.is_global_zero:
            with whole_file(self.path, overwrite=True) as file:
                file.write(OmegaConf.to_yaml(OmegaConf.create(dict(self.config))).encode())


class KeepLast(Checkpoint):
    """Save ``last.ckpt`` every so many steps and when training stops; the one before becomes ``previous.ckpt``.

    Validation that falls on the same step comes first: a run goes on behind it, and would never make up for it.
    """

    def __init__(self, folder: Path, every: int) -> None:
        self.folder, self.every, self.saved = folder, every, -1

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Mapping[str, Any], batch_idx: int
    ) -> None:
        """Lightning runs checkpoint callbacks after all others, so averages are up to date here."""
        if self._is_due(trainer):
            finite = _all_finite([outputs["loss"], *pl_module.parameters()])  # the weights are those after the step
            if not trainer.strategy.reduce_boolean_decision(finite, all=True):  # all devices stop, or none
                kept = (self.folder / LAST).exists()
                raise TrainingError(
                    f"the loss is {float(outputs['loss'])} at step {trainer.global_step}, or weights are no numbers"
                    + ("; the checkpoint before it is kept" if kept else ""),
                    hint=f"{'resume' if kept else 'begin again'} with a lower optimizer.lr",
                )
            if not _validates_now(trainer):
                self._save(trainer)

    def on_exception(self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException) -> None:
        """Save what SIGTERM and Ctrl-C would lose.

        Not while it validates: the validation would count as done. Several processes need not be at one step then;
        they keep their last save.
        """
        between_steps = isinstance(exception, (SIGTERMException, BetweenSteps)) and not trainer.validating
        if between_steps and trainer.world_size == 1 and _all_finite(pl_module.parameters()):
            self._save(trainer)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """The step's own save, or one because validation has ended the run."""
        if self._is_due(trainer):
            self._save(trainer)

    def _is_due(self, trainer: L.Trainer) -> bool:
        step = trainer.global_step
        return step != self.saved and (step % self.every == 0 or step == trainer.max_steps or trainer.should_stop)

    def _save(self, trainer: L.Trainer) -> None:
        self.saved = trainer.global_step
        last = self.folder / LAST
        if trainer.is_global_zero and last.exists():
            _take_the_name(last, self.folder / PREVIOUS)
        trainer.save_checkpoint(last)


class KeepBest(Checkpoint):
    """Save ``best.ckpt`` whenever the validation PSNR has risen; with ``patience``, stop when it no longer does.

    The PSNR is against clean pictures. Where there are none it is not logged, and nothing is saved: a loss against a
    noisy target is lowest where the noise is learnt.

    Args:
        folder: of the checkpoints.
        patience: validations in a row without a new best before the run stops; None = never.
        of: what the PSNR depends on besides the weights; a resumed run with another one begins to compare anew.
    """

    def __init__(self, folder: Path, patience: int | None = None, of: str = "") -> None:
        self.folder, self.patience, self.of = folder, patience, of
        self.best, self.since = float("-inf"), 0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Patience without validation would wait for ever."""
        if self.patience is not None and not sum(trainer.num_val_batches):
            raise TrainingError("trainer.patience needs held-out pictures, and there are none")

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Compare; the first process decides for all."""
        if "psnr" not in trainer.callback_metrics:
            return
        psnr = float(trainer.callback_metrics["psnr"])
        if trainer.strategy.broadcast(psnr > self.best):
            self.best, self.since = psnr, 0
            trainer.save_checkpoint(self.folder / BEST)
        else:
            self.since += 1
        if self.patience is not None and self.since >= self.patience:
            trainer.should_stop = True

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run must know."""
        return {"best": self.best, "since": self.since, "of": self.of}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there, if it was the same figure."""
        if state_dict.get("of", "") == self.of:
            self.best, self.since = state_dict["best"], state_dict["since"]


class ExportLast(L.Callback):
    """Turn ``last.ckpt`` into ``model.onnx`` when training has ended well."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run

    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """The averaged weights."""
        if trainer.is_global_zero:
            export_onnx(self.run.checkpoints / LAST, self.run.model, overwrite=True)


def _validates_now(trainer: L.Trainer) -> bool:
    """Whether Lightning will validate between this step and the next: when it is due, and before a stop."""
    due = trainer.should_stop or trainer.global_step % cast(int, trainer.val_check_batch) == 0
    return due and sum(trainer.num_val_batches) > 0


def mended(run: RunFolder) -> Path:
    """The newest checkpoint that is whole, to go on from; it takes the place of a last one that is damaged or missing.

    Else the next save would put the damaged one in the place of the whole one.

    Raises:
        TrainingError: there is none.
    """
    newest, last = newest_checkpoint(run), run.checkpoints / LAST
    if newest != last and is_first():
        log.warning("%s is missing or damaged: going on from the checkpoint before it", last)
        _take_the_name(newest, last)
    return newest


def _all_finite(tensors: Iterable[torch.Tensor]) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)


def _take_the_name(path: Path, other: Path) -> None:
    """Let another name stand for the same file; both exist at every instant."""
    spare = other.with_name("spare.ckpt")
    spare.unlink(missing_ok=True)
    duplicate(path, spare)
    spare.replace(other)
