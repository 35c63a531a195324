"""What a run never trained on, to judge its model by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from degrain.data.crops import CAPTURED
from degrain.denoisers.zoo import OF_A_RUN
from degrain.errors import TrainingError
from degrain.sources.base import Item
from degrain.training.build import build_pictures


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
    try:
        config = OmegaConf.load(run / "config.yaml")
        if config.data.shots == CAPTURED:
            raise TrainingError(
                f"{run} was trained on captures, whose own noise nobody can draw again",
                hint="degrain compare shows its model on noisy pictures; metrics.csv has its validation",
            )
        pictures = build_pictures(config.source)
        name, noises = str(config.name), list(config.valid_noises)
    except (OSError, OmegaConfBaseException, YAMLError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise TrainingError(f"{run} is not a run that can be judged: {reason}") from error
    model = run / OF_A_RUN
    if not model.is_file():
        raise TrainingError(f"{run} has no {OF_A_RUN} yet", hint=f"let it finish: degrain train resume={run}")
    return HeldOut(name, model, pictures.sides["test"] or pictures.items("valid"), noises)
