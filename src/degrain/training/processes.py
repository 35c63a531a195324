"""A run over several devices is several processes. They share one folder, and the first writes into it."""

import os
from pathlib import Path

from degrain.errors import TrainingError

RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "SLURM_PROCID")  # of torchrun, Lightning and SLURM
RUN_DIR = "DEGRAIN_RUN_DIR"  # how the first process tells those it starts


def is_first() -> bool:
    """Whether this process is the one that writes; known before there is a trainer."""
    return all(os.environ.get(name, "0") == "0" for name in RANKS)


def tell_folder(folder: Path) -> None:
    """Let the processes that this one starts know the run's folder."""
    os.environ[RUN_DIR] = str(folder)


def told_folder() -> Path:
    """The run's folder, in a process that is not the first. Raises TrainingError when nobody has named it."""
    if RUN_DIR not in os.environ:
        raise TrainingError(
            "processes started side by side cannot agree on the time in the run's name", hint="add run_dir=FOLDER"
        )
    return Path(os.environ[RUN_DIR])
