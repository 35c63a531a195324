"""Put a checkpoint into the package, results on its card: python benchmarks/bundle.py CHECKPOINT NAME.

Exports, measures the export on BSD68 (gray) and CBSD68 (colour) under $DEGRAIN_DATA/test, noise level known and blind,
and exports again with the results, the hardware and time of training, and the commit in the model card.
"""

import argparse
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from degrain.denoisers.zoo import open_denoiser
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import summarise
from degrain.export.onnx import export_onnx
from degrain.noise.gaussian import Gaussian
from degrain.sources.folder import Folder

WEIGHTS = Path(__file__).parents[1] / "src/degrain/denoisers/weights"
SETS = {"BSD68 gray": True, "CBSD68 colour": False}
SIGMAS = (15, 25, 50)


def results(model: Path, data: Path) -> dict[str, Any]:
    """Mean PSNR by test set, by what the model is told, by sigma."""
    measured: dict[str, Any] = {}
    for name, gray in SETS.items():
        items = Folder(data / name.split()[0]).items()
        for told, sigma in (("sigma known", None), ("blind", 0)):
            benchmark = Benchmark({"model": open_denoiser(model)}, gray=gray, sigma=sigma)
            rows = summarise(benchmark.run(items, {str(level): Gaussian(level) for level in SIGMAS}))
            measured[f"{name}, {told}"] = {
                row.noise: round(row.values["psnr"], 2) for row in rows if row.model == "model"
            }
            print(name, told, measured[f"{name}, {told}"], flush=True)
    return measured


def main() -> None:
    """Export, measure, export with the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("name")
    parser.add_argument("--hardware", required=True, help="what it was trained on, and how long")
    args = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.onnx"
        export_onnx(args.checkpoint, draft)
        measured = results(draft, Path(os.environ["DEGRAIN_DATA"]) / "test")
    card = {
        "about": "white noise in gray and colour pictures, noise level measured, given or left to the model",
        "results": {"metric": "PSNR in dB, noise unclipped, output 8 bit, mean of pictures", **measured},
        "hardware": args.hardware,
        "commit": commit,
        "limits": "noise that is not white (camera JPEGs, scaled pictures) is mostly left in; not for diagnosis",
    }
    target = WEIGHTS / f"{args.name}.onnx"
    difference = export_onnx(args.checkpoint, target, card=card, overwrite=True)
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB, differs from torch by at most {difference:.1g}")


if __name__ == "__main__":
    main()
