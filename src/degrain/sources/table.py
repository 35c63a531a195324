"""Data sets by name, as strings."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from os import PathLike
from typing import Any

from degrain import lazy
from degrain.errors import TrainingError, building
from degrain.sources.base import Source

SOURCES = {  # name -> (where it lives, what it is)
    "folder": ("degrain.sources.folder:Folder", "your own pictures, every one below a folder"),
    "shots": ("degrain.sources.shots:Shots", "captures with their own noise, several of each scene"),
    "div2k": ("degrain.sources.div2k:Div2k", "photographs in train/ and valid/, as DIV2K has them"),
    "cifar10": ("degrain.sources.cifar10:Cifar10", "60,000 colour pictures of 32 x 32"),
    "nih_chestxray": ("degrain.sources.nih_chestxray:NihChestXray", "ChestX-ray14: 112,120 radiographs, by patient"),
    "lc25000": ("degrain.sources.lc25000:Lc25000", "histology of lung and colon, by near-duplicate groups"),
    "pexels": ("degrain.sources.pexels:Pexels", "photographs gathered from Pexels, by photographer"),
}


def open_source(name: str, settings: Mapping[str, Any]) -> Source:
    """The data set of that name.

    Raises:
        TrainingError: unknown name, or a setting that it does not take.
    """
    if name not in SOURCES:
        raise TrainingError(f"unknown source {name!r}", hint=f"known: {', '.join(SOURCES)}")
    kind = lazy.load(SOURCES[name][0])
    known = {field.name: field.type for field in fields(kind)}
    for key in settings.keys() - known.keys():
        raise TrainingError(f"source {name} has no setting {key!r}", hint=f"it has: {', '.join(known)}")
    for key, value in settings.items():
        if known[key] in (bool, "bool") and not isinstance(value, bool):
            raise TrainingError(f"source {name}: {key} is true or false, got {value!r}")
    with building(f"source {name}", hint=None):
        source: Source = kind(**{key: _meant(name, key, value) for key, value in settings.items()})
    return source


def _meant(name: str, key: str, value: Any) -> Any:
    """Settings of sources are texts, lists of texts, yes or no; YAML reads the name of a folder, 2024, as a number."""
    match value:
        case bool() | str() | PathLike():
            return value
        case None if key != "root":
            return value
        case int() | float():
            return str(value)
        case Sequence() if key != "root":
            return [_meant(name, key, one) for one in value]
    raise TrainingError(f"source {name} takes a text as its {key}, got {value!r}", hint=f"give source.{key}=...")
