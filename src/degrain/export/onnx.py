"""From a checkpoint to one ``.onnx`` file that carries its description and runs without torch.

The graph reads ``noisy`` (N, width, H, W) and ``level`` (N, 1, H, W), where the network wants one, and gives ``clean``,
all float32 in unit range. N is free, and so are H and W unless the network takes one size only. The metadata key
``degrain.spec`` holds the ModelSpec.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.denoisers.onnx_file import read_spec
from degrain.errors import ModelError, TrainingError
from degrain.export.checkpoint import Recipe, load_network
from degrain.models.base import DenoisingNet
from degrain.models.catalog import build
from degrain.spec import METADATA_KEY, InputRule, ModelSpec
from degrain.storage.atomic import check_target, whole_file

TOLERANCE = 1e-4  # largest difference between torch and ONNX Runtime, unit range
PART, HALF = "net.", ".half"  # of a weight's name in the file: before that in the network, behind it where of 16 bit


def export_onnx(
    checkpoint: Path,
    target: Path,
    *,
    card: Mapping[str, Any] | None = None,
    half: bool = False,
    overwrite: bool = False,
) -> float:
    """Write the averaged network of a checkpoint as ONNX, checked against torch before the file appears.

    Args:
        checkpoint: what training wrote, or the folder of a run.
        target: the ``.onnx`` file.
        card: what the model card is to say besides what training knew: results, hardware, commit.
        half: round the weights to 16 bit, for a file of half the size; it computes in 32 bit all the same.
        overwrite: replace an existing file.

    Returns:
        The largest absolute difference that the check found, unit range; rounded weights are compared with the same.

    Raises:
        TrainingError: the checkpoint cannot be used.
        ModelError: ONNX Runtime and torch differ by ``TOLERANCE`` or more.
    """
    check_target(target, overwrite=overwrite)
    net, recipe = load_network(checkpoint)
    spec = spec_of(net, recipe)
    net = net.folded()
    if half:
        net = net.rounded()
    model = to_onnx(net, replace(spec, card={**spec.card, **(card or {})}), half)
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
        network=recipe.network,
        settings=recipe.settings,
        card=recipe.card,
    )


def to_onnx(net: DenoisingNet, spec: ModelSpec, half: bool = False) -> bytes:
    """The network as a self-contained ONNX file, its weights kept in 16 bit where asked for."""
    free = torch.export.Dim.DYNAMIC
    shape = {0: free} if net.rule.exact else {0: free, 2: free, 3: free}
    feed = example(net, 2, 64)  # a batch of one would be taken for a constant
    with warnings.catch_warnings(), _silent("torch.onnx"):  # it warns that torchvision is missing, which is as wanted
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            ByInputs(net.eval()),
            tuple(feed.values()),
            input_names=list(feed),
            output_names=["clean"],
            dynamic_shapes=(shape,) * len(feed),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    assert program is not None  # noqa: S101  # dynamo=True always returns one
    proto = program.model_proto
    forget_origin(proto.graph)
    if half:
        keep_half(proto.graph)
    onnx.helper.set_model_props(proto, {METADATA_KEY: spec.to_json()})
    serialised: bytes = proto.SerializeToString()
    return serialised


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """A logger says nothing below an error."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def forget_origin(graph: onnx.GraphProto) -> None:
    """Take out what the exporter notes of the code that made each node: stack traces, with paths of this machine."""
    for part in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.ClearField("doc_string")


def keep_half(graph: onnx.GraphProto) -> None:
    """Keep weights in 16 bit that lose nothing by it; ONNX Runtime widens them once, when it opens the file."""
    for weight in graph.initializer:
        name, values = weight.name, onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and np.array_equal(values, values.astype(np.float16)):
            weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}{HALF}"))
            cast = onnx.helper.make_node("Cast", [weight.name], [name], to=onnx.TensorProto.FLOAT)
            graph.node.insert(0, cast)


def read_onnx(data: bytes, name: str) -> DenoisingNet:
    """The network inside an exported file: the way back from ``export_onnx``, held to the same agreement.

    Args:
        data: the file.
        name: what to call it in messages.

    Raises:
        ModelError: the file is damaged, or not one of ours.
        TrainingError: it does not say how its network was built, or keeps the weights in another form.
    """
    spec = read_spec(data, name)
    if not spec.network:
        raise TrainingError(f"{name} does not say how its network was built", hint="give the run that it came from")
    try:
        OnnxDenoiser(data)  # whether it can be opened at all
    except ModelError as error:
        raise ModelError(f"{name}: {error}", error.hint) from error
    net = build(spec.network, spec.settings).eval()
    kept = {weight.name.removesuffix(HALF): weight for weight in onnx.load_from_string(data).graph.initializer}
    try:
        weights = {key: onnx.numpy_helper.to_array(value) for key, value in kept.items() if key.startswith(PART)}
        net.unfold({key.removeprefix(PART): torch.tensor(value).float() for key, value in weights.items()})
        if not parity(net.folded(), data) < TOLERANCE:
            raise ValueError("the network computes something else")
    except (RuntimeError, ValueError) as error:
        hint = "give the run that it came from"
        raise TrainingError(f"{name} holds its weights in a form that training cannot take up", hint=hint) from error
    return net


def parity(net: DenoisingNet, model: bytes) -> float:
    """The largest absolute difference between torch and ONNX Runtime over several sizes and noise levels."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    worst = 0.0
    for batch, side in ((1, 64), (2, 96), (3, 128)):
        feed = example(net, batch, side)
        with torch.inference_mode():
            expected = ByInputs(net)(*feed.values()).numpy()
        (actual,) = session.run(["clean"], {name: tensor.numpy() for name, tensor in feed.items()})
        worst = np.maximum(worst, np.abs(expected - actual).max())  # keeps NaN, max() would not
    return float(worst)


class ByInputs(nn.Module):
    """A network that takes what its file takes: ``noisy``, and ``level`` only where it wants one."""

    def __init__(self, net: DenoisingNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, noisy: Tensor, level: Tensor | None = None) -> Tensor:
        """As the network's; what stands in for an absent level is not read."""
        clean: Tensor = self.net(noisy, noisy[:, :1] if level is None else level)
        return clean


def example(net: DenoisingNet, batch: int, side: int) -> dict[str, Tensor]:
    """Random inputs by name: pictures of an allowed size near ``side`` and, where wanted, their noise levels.

    The level of the first picture is unknown.
    """
    height, width = sizes(net.rule, side)
    generator = torch.Generator().manual_seed(side)
    noisy = torch.rand(batch, net.width, height, width, generator=generator)
    level = 0.2 * torch.rand(batch, 1, height, width, generator=generator)
    level[0] = 0
    return {"noisy": noisy, "level": level} if net.wants_level else {"noisy": noisy}


def sizes(rule: InputRule, side: int) -> tuple[int, int]:
    """Height and width that the rule allows, near ``side`` and different where they may be."""
    if rule.exact is not None:
        return rule.exact, rule.exact
    height = rule.rounded_up(max(side, rule.minimum))
    return height, height + rule.multiple_of
