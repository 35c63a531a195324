"""Where the figures of a run go: ``trainer.loggers``, any of csv, tensorboard, wandb."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from lightning.fabric.utilities.rank_zero import rank_zero_only
from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger

from degrain import lazy
from degrain.errors import TrainingError
from degrain.images.picture import Picture
from degrain.storage.run_folder import RunFolder
from degrain.training.log import CsvLog

PROJECT = "degrain"  # at Weights & Biases, unless WANDB_PROJECT names another


class Wandb(WandbLogger):
    """Weights & Biases; its process ends with the run."""

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Send what is left and let go."""
        self.experiment.finish(exit_code=int(status != "success"))


def loggers_named(names: Iterable[str], folder: Path, first_step: int) -> list[Logger]:
    """The loggers of a run.

    Args:
        names: csv, tensorboard, wandb.
        folder: the run's folder.
        first_step: where the run begins; what a log holds from there on comes from a run that was cut off.

    Raises:
        TrainingError: an unknown name.
        MissingExtra: wandb is not installed.
    """
    known: dict[str, Callable[[], Logger]] = {
        "csv": lambda: CsvLog(RunFolder(folder).metrics, first_step),
        "tensorboard": lambda: TensorBoardLogger(folder, name="", version="tensorboard", purge_step=first_step),
        "wandb": lambda: _wandb(folder),
    }
    unknown = [name for name in names if name not in known]
    if unknown:
        raise TrainingError(f"unknown logger {unknown[0]!r}", hint=f"known: {', '.join(sorted(known))}")
    return [known[name]() for name in names]


def log_picture(loggers: Iterable[Logger], name: str, picture: Picture, step: int) -> None:
    """Hand a picture to the loggers that take pictures."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image(name, picture.samples, step, dataformats="HWC")
        elif isinstance(logger, WandbLogger):
            logger.log_image(name, [picture.samples], step)


def _wandb(folder: Path) -> Logger:
    lazy.load("wandb:init", extra="wandb")
    latest = folder / "wandb" / "latest-run"  # a link to a folder whose name ends in the run's id
    known = latest.resolve().name.rpartition("-")[2] if latest.exists() else None
    project = os.environ.get("WANDB_PROJECT", PROJECT)
    return Wandb(project=project, name=f"{folder.parent.name}/{folder.name}", save_dir=folder, id=known)
