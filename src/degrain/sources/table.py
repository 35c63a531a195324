"""Data sets by name, as strings."""

from collections.abc import Mapping
from typing import Any

from degrain import lazy
from degrain.errors import TrainingError
from degrain.sources.base import Source

SOURCES = {
    "folder": "degrain.sources.folder:Folder",
    "shots": "degrain.sources.shots:Shots",
}


def open_source(name: str, settings: Mapping[str, Any]) -> Source:
    """The data set of that name.

    Raises:
        TrainingError: unknown name, or a setting that it does not take.
    """
    if name not in SOURCES:
        raise TrainingError(f"unknown source {name!r}", hint=f"known: {', '.join(sorted(SOURCES))}")
    try:
        source: Source = lazy.load(SOURCES[name])(**settings)
    except TypeError as error:
        raise TrainingError(f"source {name!r} cannot be opened: {error}") from error
    return source
