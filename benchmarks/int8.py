"""What eight-bit arithmetic would cost and win: python benchmarks/int8.py [MODEL] [--floats 1 3 5]

Quantises a model with onnxruntime.quantization, statically and with a scale for each output channel, its ranges learnt
from training pictures with noise. So many convolutions at either end stay in floating point. Prints PSNR on every
fourth picture of BSD68 and CBSD68, sigma known, and the time a pixel takes, before and after.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from speed import fastest

from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.denoisers.onnx_file import read_spec
from degrain.denoisers.planes import to_planes
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import summarise
from degrain.images.scale import Unit
from degrain.noise.gaussian import Gaussian
from degrain.noise.level import NoiseLevel
from degrain.sources.folder import Folder

DATA = Path(os.environ.get("DEGRAIN_DATA", "data"))
SIGMA = 25  # of the noise on the pictures that set the ranges; several levels together cost twice the loss
SIDE = 256  # pixels of each; twice that for the timing


def main() -> None:
    """Quantise, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, default=files("degrain.denoisers") / "weights" / "small.onnx")
    parser.add_argument(
        "--floats", type=int, nargs="+", default=[1, 3, 5], help="convolutions left alone at either end"
    )
    parser.add_argument("--pictures", type=int, default=8, help="that set the ranges")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    data = args.model.read_bytes()
    models = {"float32": data}
    models |= {f"int8, {count} at either end float32": quantised(data, args.pictures, count) for count in args.floats}
    print("| arithmetic | BSD68 gray 15/25/50 | CBSD68 colour 15/25/50 | ns a pixel |\n|---|---|---|---|")
    for name, model in models.items():
        quality = " | ".join(psnr(model, DATA / "test" / pictures, args.threads) for pictures in ("BSD68", "CBSD68"))
        width = read_spec(model, name).width
        inputs = {"noisy": (1, width, 2 * SIDE, 2 * SIDE), "level": (1, 1, 2 * SIDE, 2 * SIDE)}
        pixel = fastest(model, inputs, args.threads) / (2 * SIDE) ** 2
        print(f"| {name} | {quality} | {pixel * 1e9:.0f} |", flush=True)


def quantised(data: bytes, pictures: int, floats: int) -> bytes:
    """The model in eight bits, between the convolutions at its ends."""
    model = onnx.load_from_string(data)
    nodes = list(model.graph.node)
    convs = [place for place, node in enumerate(nodes) if node.op_type == "Conv"]
    ends = nodes[: convs[floats]] + nodes[convs[-floats - 1] + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "int8.onnx"
        quantize_static(
            model,
            target,
            Examples(examples(data, pictures)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv", "LeakyRelu", "Add", "ConvTranspose"],
            nodes_to_exclude=[node.name for node in ends],
        )
        return target.read_bytes()


def examples(data: bytes, pictures: int) -> Iterator[dict[str, Unit]]:
    """Inputs of the model: crops of training pictures, colour and gray, with noise."""
    spec, rng = read_spec(data, "the model"), np.random.default_rng(0)
    items = Folder(DATA / "train" / "pack1_cid22").items()
    for item in items[:: len(items) // pictures]:
        colour = item.load().unit()[:, :SIDE, :SIDE]
        for clean in (colour, colour[1:2]):
            noisy = (clean + SIGMA / 255 * rng.standard_normal(clean.shape, np.float32))[np.newaxis]
            yield {"noisy": to_planes(noisy, spec), "level": NoiseLevel(SIGMA).map(noisy)}


class Examples(CalibrationDataReader):  # type: ignore[misc]  # it comes without types
    """Inputs one by one, as the quantiser asks for them."""

    def __init__(self, feeds: Iterator[dict[str, Unit]]) -> None:
        self.feeds = feeds

    def get_next(self) -> dict[str, Unit] | None:
        """The next, None after the last."""
        return next(self.feeds, None)


def psnr(model: bytes, folder: Path, threads: int) -> str:
    """Means over every fourth picture of a folder."""
    noises = {str(sigma): Gaussian(sigma) for sigma in (15, 25, 50)}
    rows = Benchmark({"model": OnnxDenoiser(model, threads)}, ("psnr",)).run(Folder(folder).items()[::4], noises)
    return "/".join(f"{row.values['psnr']:.2f}" for row in summarise(rows) if row.model == "model")


if __name__ == "__main__":
    main()
