"""A small real network as an ONNX file, made by hand: what the bundled models are, at a thousandth of the size."""

from dataclasses import replace

import numpy as np
import pytest

from degrain.spec import InputRule, ModelSpec

HANDMADE = ModelSpec(
    name="handmade",
    planes={3: (0, 1, 2), 1: (3,)},
    width=4,
    input=InputRule(multiple_of=8, minimum=8),
    halo=36,  # not a multiple of 8, on purpose
    wants_level=True,
    card={"made": "in a test"},
)


def write_network(spec: ModelSpec, seed: int = 0, metadata: bool = True) -> bytes:
    """SpaceToDepth, two strided convolutions, the same way up again; the level moves the answer. Random weights."""
    onnx = pytest.importorskip("onnx")
    from onnx import helper, numpy_helper

    rng, weights, nodes = np.random.default_rng(seed), [], []

    def weight(*shape):
        name = f"w{len(weights)}"
        values = rng.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32)
        weights.append(numpy_helper.from_array(values, name))
        return name

    def node(kind, *inputs, out=None, **attributes):
        out = out or f"x{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def conv(x, before, after, stride=1):
        x = node("Conv", x, weight(after, before, 3, 3), pads=[1] * 4, strides=[stride] * 2)
        return node("Relu", x)

    def up(x, before, after):
        return node("ConvTranspose", x, weight(before, after, 2, 2), strides=[2, 2])

    width = spec.width
    x = node("Concat", "noisy", "level", axis=1) if spec.wants_level else "noisy"
    half = conv(node("SpaceToDepth", x, blocksize=2), 4 * (width + spec.wants_level), 8)
    quarter = conv(half, 8, 8, stride=2)
    x = up(conv(quarter, 8, 8, stride=2), 8, 8)
    x = up(conv(node("Add", x, quarter), 8, 8), 8, 8)
    x = node("Conv", node("Add", x, half), weight(4 * width, 8, 3, 3), pads=[1] * 4)
    node("Sub", "noisy", node("DepthToSpace", x, blocksize=2), out="clean")

    def value(name, planes):
        return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", planes, "h", "w"])

    inputs = [value("noisy", width)] + [value("level", 1)] * spec.wants_level
    graph = helper.make_graph(nodes, "handmade", inputs, [value("clean", width)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if metadata:
        helper.set_model_props(model, {"degrain.spec": spec.to_json()})
    return model.SerializeToString()


@pytest.fixture(scope="session")
def network() -> bytes:
    """Gray and colour, with a level."""
    return write_network(HANDMADE)


@pytest.fixture(scope="session")
def make_network():
    """``make_network(wants_level=False, planes={1: (0,)}, width=1, ...)``: the same with another description."""
    return lambda seed=0, metadata=True, **changes: write_network(replace(HANDMADE, **changes), seed, metadata)
