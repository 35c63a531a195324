"""Objectives by name, as strings."""

from collections.abc import Mapping
from typing import Any

from degrain import lazy
from degrain.errors import TrainingError, building
from degrain.objectives.batch import Loss, Objective

OBJECTIVES = {
    "noise2noise": "degrain.objectives.noise2noise:Noise2Noise",
    "supervised": "degrain.objectives.supervised:Supervised",
}


def build(name: str, loss: Loss, settings: Mapping[str, Any]) -> Objective:
    """The objective of that name, with its loss and its own settings.

    Raises:
        TrainingError: unknown name, or a setting that the objective does not take.
    """
    if name not in OBJECTIVES:
        raise TrainingError(f"unknown objective {name!r}", hint=f"known: {', '.join(sorted(OBJECTIVES))}")
    with building(f"the objective {name!r}"):
        objective: Objective = lazy.load(OBJECTIVES[name])(loss=loss, **settings)
    return objective
