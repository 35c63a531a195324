"""From a checkpoint to one ``.onnx`` file that carries its description and runs without torch.

The graph reads ``noisy`` (N, width, H, W) and ``level`` (N, 1, H, W), where the network wants one, and gives ``clean``,
all float32 in unit range, N, H and W free. The metadata key ``degrain.spec`` holds the ModelSpec.
"""

import logging
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor

from degrain.errors import ModelError
from degrain.export.checkpoint import Recipe, load_network
from degrain.models.base import DenoisingNet
from degrain.spec import METADATA_KEY, ModelSpec
from degrain.storage.atomic import whole_file

TOLERANCE = 1e-4  # largest difference between torch and ONNX Runtime, unit range


def export_onnx(
    checkpoint: Path, target: Path, *, card: Mapping[str, Any] | None = None, overwrite: bool = False
) -> float:
    """Write the averaged network of a checkpoint as ONNX, checked against torch before the file appears.

    Args:
        checkpoint: what training wrote.
        target: the ``.onnx`` file.
        card: what the model card is to say besides what training knew: results, hardware, commit.
        overwrite: replace an existing file.

    Returns:
        The largest absolute difference that the check found, unit range.

    Raises:
        TrainingError: the checkpoint cannot be used.
        ModelError: ONNX Runtime and torch differ by ``TOLERANCE`` or more.
    """
    net, recipe = load_network(checkpoint)
    spec = spec_of(net, recipe)
    model = to_onnx(net.folded(), replace(spec, card={**spec.card, **(card or {})}))
    difference = parity(net, model)
    if not difference < TOLERANCE:  # also refuses NaN
        raise ModelError(f"the exported {recipe.name} differs from torch by {difference:.2g}, limit {TOLERANCE:g}")
    with whole_file(target, overwrite=overwrite) as file:
        file.write(model)
    return difference


def spec_of(net: DenoisingNet, recipe: Recipe) -> ModelSpec:
    """What the file will say about the network."""
    return ModelSpec(
        name=recipe.name,
        planes=net.planes,
        width=net.width,
        input=net.rule,
        halo=net.halo,
        wants_level=net.wants_level,
        card=recipe.card,
    )


def to_onnx(net: DenoisingNet, spec: ModelSpec) -> bytes:
    """The network as a self-contained ONNX file."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision is missing, which is as wanted
    free = torch.export.Dim.DYNAMIC
    shape = {0: free, 2: free, 3: free}
    names = ["noisy", "level"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            net.eval(),
            example(net, 2, 64),  # a batch of one would be taken for a constant
            input_names=names,
            output_names=["clean"],
            dynamic_shapes=(shape, shape),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    assert program is not None  # noqa: S101  # dynamo=True always returns one
    proto = program.model_proto
    onnx.helper.set_model_props(proto, {METADATA_KEY: spec.to_json()})
    serialised: bytes = proto.SerializeToString()
    return serialised


def parity(net: DenoisingNet, model: bytes) -> float:
    """The largest absolute difference between torch and ONNX Runtime over several sizes and noise levels."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    worst = 0.0
    for batch, side in ((1, 64), (2, 96), (3, 128)):
        noisy, level = example(net, batch, side)
        with torch.inference_mode():
            expected = net(noisy, level).numpy()
        (actual,) = session.run(None, {"noisy": noisy.numpy(), "level": level.numpy()})
        worst = np.maximum(worst, np.abs(expected - actual).max())  # keeps NaN, max() would not
    return float(worst)


def example(net: DenoisingNet, batch: int, side: int) -> tuple[Tensor, Tensor]:
    """Random noisy pictures of an allowed size, and their noise levels: known and, for the first, unknown."""
    step = net.rule.multiple_of
    height, width = side // step * step, (side // step + 1) * step
    generator = torch.Generator().manual_seed(side)
    noisy = torch.rand(batch, net.width, height, width, generator=generator)
    level = 0.2 * torch.rand(batch, 1, height, width, generator=generator)
    level[0] = 0
    return noisy, level
