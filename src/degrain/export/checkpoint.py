"""A checkpoint as one safetensors file: the tensors as they are, the rest as JSON beside them. Nothing is pickled.

A nested dictionary of tensors, numbers, texts, lists and dictionaries goes in; an equal one comes back.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from degrain.errors import TrainingError
from degrain.models.base import DenoisingNet
from degrain.models.catalog import build
from degrain.storage.atomic import whole_file
from degrain.storage.run_folder import RunFolder

HEADER = "degrain.checkpoint"  # the one metadata key: JSON of the tree and the checksum over all
TENSOR, PAIRS, TUPLE = "$tensor", "$pairs", "$tuple"  # what JSON has no word for


def save_checkpoint(checkpoint: Mapping[str, Any], path: Path) -> None:
    """Write the checkpoint whole or not at all.

    Raises:
        TypeError: a value that is neither tensor, number, text, list nor dictionary.
    """
    tensors: dict[str, Tensor] = {}
    tree = _to_json(checkpoint, tensors)
    header = json.dumps({"tree": tree, "sha256": _checksum(tree, tensors)})
    with whole_file(path, overwrite=True) as file:
        file.write(save(tensors, {HEADER: header}))


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read what ``save_checkpoint`` wrote; tensors come to the CPU.

    Raises:
        TrainingError: missing, cut short, altered, or not one of ours.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[HEADER])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a mapping
        tree, expected = header["tree"], header["sha256"]
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise TrainingError(f"{path} is not a readable degrain checkpoint: {error}") from error
    if _checksum(tree, tensors) != expected:
        raise TrainingError(f"{path} is damaged: its checksum does not match", hint="use the checkpoint before it")
    checkpoint: dict[str, Any] = _from_json(tree, tensors)
    return checkpoint


def newest_checkpoint(run: RunFolder) -> Path:
    """The newest checkpoint of a run's that is whole.

    Raises:
        TrainingError: there is none.
    """
    for path in run.saved():
        try:
            load_checkpoint(path)
        except TrainingError:
            continue
        return path
    raise TrainingError(
        f"no usable checkpoint in {run.checkpoints}", hint="give the folder of a run that has saved one"
    )


@dataclass(frozen=True)
class Recipe:
    """How a checkpoint's network came to be: enough to build it again, by catalog name, and to write its card."""

    name: str
    network: str
    settings: Mapping[str, Any]
    card: Mapping[str, Any]


def load_network(place: Path) -> tuple[DenoisingNet, Recipe]:
    """The trained (averaged) network of a checkpoint, or of a run's newest one, in eval mode, and its recipe.

    Raises:
        TrainingError: as ``load_checkpoint``, or the weights do not fit the network.
    """
    path = newest_checkpoint(RunFolder(place)) if place.is_dir() else place
    checkpoint = load_checkpoint(path)
    try:
        recipe = Recipe(**checkpoint["recipe"])
        recipe = replace(recipe, card={**recipe.card, "steps": checkpoint["global_step"]})
        prefix = "by_planes.net."
        weights = {name.removeprefix(prefix): value for name, value in checkpoint["state_dict"].items()}
        net = build(recipe.network, recipe.settings)
        net.load_state_dict(weights)
    except (KeyError, TypeError, RuntimeError) as error:
        raise TrainingError(f"{path} holds no network that this degrain can build: {error}") from error
    return net.eval(), recipe


def _to_json(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = f"{len(tensors):06d}"
        tensors[name] = value.detach().cpu().contiguous().clone()  # tensors may share memory; a file must not
        return {TENSOR: name}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: _to_json(item, tensors) for key, item in value.items()}
        return {PAIRS: [[_to_json(key, tensors), _to_json(item, tensors)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {TUPLE: [_to_json(item, tensors) for item in value]}
    if isinstance(value, list):
        return [_to_json(item, tensors) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"a checkpoint cannot hold {type(value).__name__}")


def _from_json(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_from_json(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if TENSOR in value:
        return tensors[value[TENSOR]]
    if PAIRS in value:
        return {_from_json(key, tensors): _from_json(item, tensors) for key, item in value[PAIRS]}
    if TUPLE in value:
        return tuple(_from_json(item, tensors) for item in value[TUPLE])
    return {key: _from_json(item, tensors) for key, item in value.items()}


def _checksum(tree: Any, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(json.dumps(tree).encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
