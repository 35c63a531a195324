"""What many tests need: a small network as an ONNX file, a noisy picture, both lanes, the command as people meet it."""

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from bad_server import BadServer, Clock
from degrain.cli.main import main
from degrain.noise.draw import NumpyDraw
from degrain.spec import InputRule, ModelSpec

settings.register_profile("busy", deadline=None)  # a test that is slow on a busy machine is not wrong
settings.load_profile("busy")

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
    """A bundled model at a thousandth of the size, with random weights.

    SpaceToDepth, two strided convolutions, the same way up again; the level moves the answer.
    """
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


@pytest.fixture(scope="session")
def model_file(network, tmp_path_factory) -> Path:
    """The network as a file of its own."""
    path = tmp_path_factory.mktemp("model") / "mine.onnx"
    path.write_bytes(network)
    return path


@pytest.fixture
def bundled(make_network, tmp_path_factory, monkeypatch) -> None:
    """Bundled models in this process: ``small``, and ``photo``, which is not told the level."""
    package = tmp_path_factory.mktemp("package")
    (package / "weights").mkdir()
    (package / "weights" / "small.onnx").write_bytes(make_network(name="small"))
    (package / "weights" / "photo.onnx").write_bytes(make_network(seed=1, name="photo", wants_level=False))
    monkeypatch.setattr("degrain.denoisers.zoo.files", lambda name: package)


def noisy_samples(seed: int, height: int = 40, width: int = 56) -> np.ndarray:
    """Smooth colours under noise of about 20, (H, W, 3) uint8."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(60, 190, (4, 5, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)
    return np.clip(np.rint(smooth + rng.normal(0, 20, smooth.shape)), 0, 255).astype(np.uint8)


@pytest.fixture
def save_noisy() -> Callable[..., Path]:
    """``save_noisy(path, seed=0, ...)`` writes a small noisy picture and the folders above it."""

    def save(path: Path, seed: int = 0, **size: int) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noisy_samples(seed, **size)).save(path)
        return path

    return save


@dataclass(frozen=True)
class Lane:
    """NumPy, one picture at a time, or torch, a batch of four: where noise is drawn."""

    name: str

    @property
    def batch(self) -> tuple[int, ...]:
        """Shape of a number per picture."""
        return (4, 1, 1, 1) if self.name == "torch" else ()

    def draw(self, seed: int = 0):
        """A source of chance."""
        if self.name == "numpy":
            return NumpyDraw(np.random.default_rng(seed))
        torch, draw = pytest.importorskip("torch"), pytest.importorskip("degrain.data.draw")
        return draw.TorchDraw.of_step(seed=0, step=seed, batch=4, device=torch.device("cpu"))

    def array(self, picture: np.ndarray):
        """(C, H, W), or the same four times."""
        if self.name == "numpy":
            return picture
        return pytest.importorskip("torch").from_numpy(picture).expand(4, -1, -1, -1).contiguous()

    def flat(self, value: float, side: int = 160, channels: int = 3):
        """One value."""
        return self.array(np.full((channels, side, side), value, np.float32))

    def smooth(self, side: int = 40, channels: int = 3):
        """Soft waves between 0.1 and 0.9."""
        y, x = np.mgrid[0:side, 0:side] / side
        waves = [0.5 + 0.4 * np.sin(5 * x + channel) * np.cos(4 * y) for channel in range(channels)]
        return self.array(np.stack(waves).astype(np.float32))


@pytest.fixture(params=["numpy", "torch"])
def lane(request) -> Lane:
    """One lane after the other."""
    return Lane(request.param)


@pytest.fixture
def one_by_one() -> Lane:
    """The lane of NumPy."""
    return Lane("numpy")


@pytest.fixture
def batches() -> Lane:
    """The lane of torch."""
    return Lane("torch")


@dataclass(frozen=True)
class Ran:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def degrain(monkeypatch, capsys) -> Callable[..., Ran]:
    """``degrain("denoise", path, ...)`` runs the command in this process, through ``main()``."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["degrain", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        return Ran(stopped.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def server() -> Iterator[BadServer]:
    """A server on this machine, to be told what to do."""
    with BadServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def clock() -> Clock:
    """Nobody really sleeps."""
    return Clock()
