"""Put a checkpoint into the package, results on its card: python benchmarks/bundle.py CHECKPOINT NAME --hardware TEXT.

Exports with weights in 16 bit, measures the export under $DEGRAIN_DATA, and exports again with all that the card says:
what the recipe ``experiment=NAME`` tells of the model, the results, hardware and time of training, and the commit it
was bundled at. Refuses a model that was trained on a test picture, or on one nearly like it.

Drawn noise on the test sets, level known and left to the model; then real noise, against doing nothing.
"""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from measuring import SETS
from overlap import NEAR, pictures_of, report, test_folders
from real_noise import after, before

from degrain.denoisers.base import Denoiser
from degrain.denoisers.zoo import open_denoiser
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import Row, summarise
from degrain.export.onnx import export_onnx
from degrain.noise.base import NoiseModel
from degrain.noise.table import parse
from degrain.sources.folder import Folder
from degrain.training.build import build_pictures
from degrain.training.compose import compose_run, plain

WEIGHTS = Path(__file__).parents[1] / "src/degrain/denoisers/weights"
NOISES = ["gaussian:sigma=15", "gaussian:sigma=25", "gaussian:sigma=50", "poisson_gaussian:peak=30,sigma=5"]
REAL = ["real_noise/cc15", "real_noise/polyu_lossless_crops", "real_noise/polyu_crops", "domains/microscopy/fmd"]


def apart(source: Mapping[str, Any]) -> str:
    """What the card says of test pictures among those of a source. Exits where there is one."""
    trained, tests = build_pictures(source).items("all"), pictures_of(test_folders())
    smallest, counted = report({source["name"]: trained}, tests), sum(map(len, tests.values()))
    if smallest <= NEAR:
        raise SystemExit("a test picture, or one nearly like it, is trained on: leave it out of the source")
    return (
        f"none of {counted}, nor a near-duplicate, is among the {len(trained)} training pictures: smallest distance "
        f"{smallest:.3f}, copies lie below {NEAR:.3f} (benchmarks/overlap.py)"
    )


def drawn(denoiser: Denoiser, tests: Path) -> dict[str, Any]:
    """Mean PSNR by test set, by what the model is told, by noise."""
    results: dict[str, Any] = {}
    noises: dict[str, NoiseModel] = {text: parse(text) for text in NOISES}
    for name, kind in SETS.items():
        for told, sigma in (("level known", None), ("blind", 0.0)):
            if told == "blind" or denoiser.spec.wants_level:
                benchmark = Benchmark({"model": denoiser}, metrics=["psnr"], gray=kind == "gray", sigma=sigma)
                rows = [row for row in summarise(benchmark.run(Folder(tests / name).items(), noises)) if row.level]
                results[f"{name} {kind}, {told}"] = {row.noise: round(row.values["psnr"], 2) for row in rows}
                print(name, told, results[f"{name} {kind}, {told}"], flush=True)
    return results


def real(model: Path, data: Path) -> dict[str, str]:
    """Mean PSNR before and after, by set of pairs."""
    results = {}
    for folder in REAL:
        came, went = psnr(before(data / folder)), psnr(after(str(model), "auto", data / folder))
        results[Path(folder).name] = f"{came:.2f} -> {went:.2f}"
        print(folder, results[Path(folder).name], flush=True)
    return results


def psnr(rows: Sequence[Row]) -> float:
    """The mean over captures."""
    return mean(row.values["psnr"] for row in rows)


def main() -> None:
    """Export, measure, export with the card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("name")
    parser.add_argument("--hardware", required=True, help="what it was trained on, and how long")
    args = parser.parse_args()
    data, config = Path(os.environ.get("DEGRAIN_DATA", "data")), plain(compose_run([f"experiment={args.name}"]).config)
    tests = apart(config["source"])
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.onnx"
        export_onnx(args.checkpoint, draft, half=True)
        results = drawn(open_denoiser(draft), data / "test") | real(draft, data)
    card = {
        "about": config["card"]["about"],
        "limits": config["card"]["limits"],
        "recipe": f"experiment={args.name}",
        "tests": tests,
        "results": {"metric": "PSNR in dB, noise unclipped, output 8 bit, mean of pictures", **results},
        "hardware": args.hardware,
        "commit": commit,
    }
    target = WEIGHTS / f"{args.name}.onnx"
    difference = export_onnx(args.checkpoint, target, card=card, half=True, overwrite=True)
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB, differs from torch by at most {difference:.1g}")


if __name__ == "__main__":
    main()
