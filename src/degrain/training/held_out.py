"""What a run never trained on, to judge its model by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from degrain.data.crops import CAPTURED
from degrain.errors import TrainingError
from degrain.sources.base import Item
from degrain.storage.run_folder import RunFolder
from degrain.training.build import build_pictures
from degrain.training.compose import plain, saved_config
from degrain.training.settings import check_settings


@dataclass(frozen=True)
class HeldOut:
    """The pictures that a run kept apart, and under which conditions its model is to be judged.

    Attributes:
        name: of the model.
        model: its file.
        items: the test side; the validation side when the run has no test side.
        noises: those of its validation, in their short form.
    """

    name: str
    model: Path
    items: Sequence[Item]
    noises: Sequence[str]


def held_out(run: Path) -> HeldOut:
    """As the run's ``config.yaml`` says.

    Raises:
        TrainingError: not a finished run, its pictures are not there, or none was held out.
    """
    folder = RunFolder(run)
    config = plain(saved_config(folder))
    check_settings(config)
    if config["data"]["shots"] == CAPTURED:
        raise TrainingError(
            f"{run} was trained on captures, whose own noise nobody can draw again",
            hint="degrain compare shows its model on noisy pictures; metrics.csv has its validation",
        )
    pictures = build_pictures(config["source"])
    if not folder.model.is_file():
        raise TrainingError(f"{run} has no {folder.model.name} yet", hint=f"let it finish: degrain train resume={run}")
    return HeldOut(
        name=config["name"],
        model=folder.model,
        items=pictures.sides["test"] or pictures.items("valid"),
        noises=config["valid_noises"],
    )
