"""How fast the networks are, and what else takes time: python benchmarks/speed.py [--models base small] [--threads 2]

First the machine: the rate at which ONNX Runtime multiplies matrices. Then networks of plain convolutions, ours
and others', on 1024x1024 pixels: their arithmetic, counted in the graph, and the rate at which they get through it.
Time does not depend on the weights, so those that do not come with degrain run with fresh ones. Last, for each of the
models, `degrain denoise` on a JPEG of 12 megapixels, from file to file, and where the time goes; or, with --tiles, what
tiles of several sizes cost.

Prints Markdown tables. What else the machine does only adds, so the shortest of several runs counts.
"""

import argparse
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from math import prod
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import yaml
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.denoisers.onnx_file import read_spec
from degrain.export.checkpoint import Recipe
from degrain.export.onnx import spec_of, to_onnx
from degrain.inference.engine import DEFAULT_TILE
from degrain.models.catalog import build
from degrain.tiling.plan import TilePlan

SIDE = 1024  # pixels, of the networks' input
MATRICES = (512, 1024, 2048)  # sides; the first fits into a core's cache
RUNS = 3
HEIGHT, WIDTH = 3000, 4000
PLAIN = ("bias_free_unet", "dncnn", "ffdnet")  # networks whose time is nearly all convolutions
COLOUR = {"ffdnet": {"channels": 3, "depth": 12, "width": 96}}  # as published, beside the recipe's gray

PARTS = {  # what it is called here -> the function that does it, as a profile names it: file, name
    "decode": ("read.py", "read"),
    "estimate the noise": ("estimate.py", "estimate_noise"),
    "cut, convert": ("engine.py", "_read"),
    "to planes": ("planes.py", "to_planes"),
    "network": ("onnxruntime_inference_collection.py", "run"),
    "from planes": ("planes.py", "from_planes"),
    "check": ("checks.py", "check_output"),
    "convert back, join": ("canvas.py", "add"),
    "encode, write": ("write.py", "write"),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="*", help="of the first table, by name; default all")
    parser.add_argument("--models", nargs="*", default=["base", "small"], help="for the whole picture, by name")
    parser.add_argument("--tiles", nargs="*", type=int, default=[], help="sides of tiles, in pixels")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    known = dict(networks())
    compare({name: known[name] for name in (known if args.networks is None else args.networks)}, args.threads)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photo.jpg"
        if args.models and not args.tiles:
            photo().save(source, quality=92)
        for name in args.models:
            model = Path(folder) / f"{name}.onnx"
            model.write_bytes(known[name])
            if args.tiles:
                compare_tiles(model, args.tiles, args.threads)
            else:
                whole_picture(model, source, args.threads)


def networks() -> Iterator[tuple[str, bytes]]:
    """Names and ONNX files: those that come with degrain, else fresh ones by their recipe."""
    weights = files("degrain.denoisers") / "weights"
    for path in sorted((files("degrain.conf") / "model").iterdir(), key=str):
        recipe: Any = yaml.safe_load(path.read_text()) if path.name.endswith(".yaml") else {}
        name, network = recipe.get("name"), recipe.get("network")
        if network in PLAIN:
            bundled = weights / f"{name}.onnx"
            yield name, bundled.read_bytes() if bundled.is_file() else fresh(network, recipe["settings"])
            if network in COLOUR:
                yield f"{name}, colour", fresh(network, COLOUR[network])


def fresh(network: str, settings: Mapping[str, Any], half: bool = False) -> bytes:
    """A network that has learnt nothing."""
    net = build(network, settings).eval()
    return to_onnx(net.folded(), spec_of(net, Recipe(network, network, settings, {})), half)


# --- networks ---


def compare(networks: Mapping[str, bytes], threads: int) -> None:
    """Print a row for each network, the cheapest first."""
    peak = max(side**3 / fastest(gemm(side), {"a": (side, side)}, threads, runs=10) for side in MATRICES)
    print(f"Matrix product, {threads} threads: {peak / 1e9:.0f} GMAC/s\n")
    print("| network | kMAC a pixel | ns a pixel | GMAC/s | of the matrix product |\n|---|---|---|---|---|")
    for name, data in sorted(networks.items(), key=lambda one: macs(one[1])):
        spec = read_spec(data, name)
        inputs = {"noisy": (1, spec.width, SIDE, SIDE)} | ({"level": (1, 1, SIDE, SIDE)} if spec.wants_level else {})
        pixel = fastest(data, inputs, threads) / SIDE**2
        rate = macs(data) / pixel
        cells = f"{macs(data) / 1e3:.1f} | {pixel * 1e9:.0f} | {rate / 1e9:.0f} | {rate / peak:.0%}"
        print(f"| {name} | {cells} |", flush=True)
    print()


def gemm(side: int) -> bytes:
    """A product of square matrices as an ONNX file; the second is a weight, laid out beforehand."""
    a, c = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [side, side]) for name in "ac")
    weight = numpy_helper.from_array(np.random.default_rng(0).random((side, side), np.float32), "b")
    graph = helper.make_graph([helper.make_node("MatMul", ["a", "b"], ["c"])], "gemm", [a], [c], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    data: bytes = model.SerializeToString()
    return data


def fastest(data: bytes, inputs: Mapping[str, tuple[int, ...]], threads: int, runs: int = RUNS) -> float:
    """Seconds that an ONNX file takes on random inputs of these shapes, without the first run."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    feed = {name: rng.random(shape, np.float32) for name, shape in inputs.items()}
    return min(seconds(lambda: session.run(None, feed)) for _ in range(runs + 1))


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def macs(data: bytes) -> float:
    """Multiplications of all convolutions for one pixel: sizes are inferred for an input of 64x64."""
    model, side = onnx.load_from_string(data), 64
    for value in model.graph.input:
        for axis, size in zip(value.type.tensor_type.shape.dim, (1, None, side, side), strict=True):
            if size:
                axis.dim_value = size
    del model.graph.value_info[:]
    model.graph.output[0].type.tensor_type.ClearField("shape")
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    shapes = {value.name: [axis.dim_value for axis in value.type.tensor_type.shape.dim] for value in graph.value_info}
    weights = {weight.name: weight.dims for weight in graph.initializer}
    total = 0
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in weights:  # kept in 16 bit
            weights[node.output[0]] = weights[node.input[0]]
        if node.op_type in ("Conv", "ConvTranspose"):
            pixels = shapes[node.output[0] if node.op_type == "Conv" else node.input[0]]
            total += prod(pixels[2:]) * prod(weights[node.input[1]])
    return total / side**2


# --- tiles ---


def compare_tiles(model: Path, sides: Sequence[int], threads: int) -> None:
    """Print a row for each size; each is run in a process of its own, whose largest resident set is read."""
    print(f"`{model.stem}`\n\n| tile | ns a pixel | GB it adds |\n|---|---|---|")
    with get_context("spawn").Pool(1, maxtasksperchild=1) as fresh_process:
        for side in sides:
            pixel, peak = fresh_process.apply(tile, (model, side, threads))
            print(f"| {side} | {pixel * 1e9:.0f} | {peak / 1e6:.2f} |", flush=True)
    print()


def tile(model: Path, side: int, threads: int) -> tuple[float, int]:
    """Seconds a pixel of one tile, and the memory in kB by which the peak of this process grows."""
    denoiser = OnnxDenoiser(model, threads)
    before = peak()
    tiles, level = np.zeros((1, 3, side, side), np.float32), np.full((1, 1, side, side), 0.1, np.float32)
    spent = min(seconds(lambda: denoiser(tiles, level)) for _ in range(RUNS + 1))
    return spent / side**2, peak() - before


def peak() -> int:
    """The largest resident set of this process, kB, as Linux counts it; that of getrusage begins at its parent's."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0])


# --- a whole picture ---


def photo() -> Image.Image:
    """Clouds of four sizes with fine noise, 12 megapixels."""
    rng, samples = np.random.default_rng(0), np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for cells, share in ((6, 0.5), (24, 0.15), (96, 0.15), (384, 0.15)):
        coarse = Image.fromarray(rng.integers(0, 256, (cells * 3 // 4, cells, 3), dtype=np.uint8))
        samples += share * np.asarray(coarse.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), np.float32)
    samples += 8 * rng.standard_normal(samples.shape, dtype=np.float32)
    return Image.fromarray(np.clip(samples, 0, 255).astype(np.uint8))


def whole_picture(model: Path, source: Path, threads: int) -> None:
    """Print where the time of `degrain denoise` goes, in the fastest of three runs."""
    arguments = ["denoise", source, "-o", source.with_name("out.jpg"), "-m", model, "--threads", threads, "--overwrite"]
    total, parts = min((profiled(arguments, source.with_name("profile")) for _ in range(3)), key=lambda one: one[0])
    parts["start, open the model, rest"] = total - sum(parts.values())
    print(f"`{model.stem}`, {WIDTH}x{HEIGHT} JPEG, {threads} threads: {total:.2f} s from file to file\n")
    print("| part | seconds | share |\n|---|---|---|")
    for name, spent in parts.items():
        print(f"| {name} | {spent:.2f} | {spent / total:.1%} |")
    again = 1 - HEIGHT * WIDTH / computed(model)
    print(f"\n{again:.0%} of what the network does is overlap of tiles; ", end="")
    print(f"{1 - parts['network'] / total:.0%} of the time is not the network.\n", flush=True)


def profiled(arguments: list[Any], stats: Path) -> tuple[float, dict[str, float]]:
    """Seconds of a degrain command in a process of its own, and of each part of its work."""
    command = [sys.executable, "-m", "cProfile", "-o", stats, "-m", "degrain", *arguments]
    quiet = subprocess.DEVNULL
    total = seconds(lambda: subprocess.run([str(word) for word in command], check=True, stdout=quiet, stderr=quiet))
    spent = {(Path(file).name, name): row[3] for (file, _, name), row in pstats.Stats(str(stats)).stats.items()}
    return total, {part: spent[function] for part, function in PARTS.items()}


def computed(model: Path) -> int:
    """Pixels that pass through the network, overlaps counted again."""
    spec = read_spec(model.read_bytes(), model.name)
    plan = TilePlan.cover(HEIGHT, WIDTH, spec.input, DEFAULT_TILE, spec.halo)
    return len(plan) * plan.box_height * plan.box_width


if __name__ == "__main__":
    main()
