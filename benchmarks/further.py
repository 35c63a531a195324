"""What a change of settings does to a finished run: python benchmarks/further.py RUN_DIR "" "objective.loss=mse" ...

Goes on with copies of the run, equally long and from the same weights, each under the overrides of one argument; an
empty one changes nothing. Then PSNR of all at sigma 15, 25 and 50 on folders of clean pictures. What is chosen by it
should be chosen on other pictures than those of the tests.
"""

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from omegaconf import OmegaConf

from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import summarise
from degrain.export.checkpoint import load_checkpoint
from degrain.noise.gaussian import Gaussian
from degrain.sources.folder import Folder
from degrain.training.run import train

TESTS = [Path(os.environ.get("DEGRAIN_DATA", "data"), "test", name) for name in ("BSD68", "CBSD68")]


def continued(run: Path, target: Path, changes: Sequence[str], steps: int) -> Path:
    """The model after so many more steps, the rate falling from a quarter of the usual peak to zero."""
    shutil.copytree(run, target)
    config = OmegaConf.load(target / "config.yaml")
    config.run_dir = str(target)
    OmegaConf.save(config, target / "config.yaml")
    last = load_checkpoint(target / "checkpoints" / "last.ckpt")["global_step"] + steps
    rate = ["optimizer.lr=0.0005", "schedule.warmup=0", f"schedule.decay={steps / last}"]
    quiet = ["trainer.progress=false", f"trainer.valid_every={steps}"]
    train([f"resume={target}", f"trainer.max_steps={last}", *rate, *quiet, *changes])
    return target / "model.onnx"


def psnr(model: Path, folder: Path) -> str:
    """Means over a folder, sigma 15/25/50, known."""
    noises = {str(sigma): Gaussian(sigma) for sigma in (15, 25, 50)}
    rows = Benchmark({"model": OnnxDenoiser(model)}).run(Folder(folder).items(), noises)
    return "/".join(f"{row.values['psnr']:.2f}" for row in summarise(rows) if row.model == "model")


def main() -> None:
    """Train on, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="a finished run")
    parser.add_argument("changes", nargs="+", help="overrides, separated by blanks, in quotes")
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--tests", type=Path, nargs="+", default=TESTS, metavar="FOLDER")
    parser.add_argument("--runs", type=Path, default=Path("runs/further"))
    args = parser.parse_args()
    print(f"| changed | {' | '.join(folder.name for folder in args.tests)} |\n|---|{'---|' * len(args.tests)}")
    for number, changes in enumerate(args.changes):
        model = continued(args.run, args.runs / str(number), changes.split(), args.steps)
        figures = " | ".join(psnr(model, folder) for folder in args.tests)
        print(f"| {changes or 'nothing'} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
