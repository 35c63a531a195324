"""What pictures for research only would add to a model: python benchmarks/research_pictures.py RUN_DIR --steps 3000

Goes on with a finished run twice, equally long and from the same weights: on its own pictures, and with the 429 of
BSD500 that are in no test set beside them. Then PSNR of both on BSD68 and CBSD68 at sigma 15, 25 and 50. The test
pictures are of the same kind as those 429, so this is the most they can bring.
"""

import argparse
import os
import shutil
from pathlib import Path

from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import summarise
from degrain.export.checkpoint import load_checkpoint
from degrain.noise.gaussian import Gaussian
from degrain.sources.folder import Folder
from degrain.training.run import train

PICTURES = {
    "its own": "[pack1_cid22,pack2_photos/clic2025,pack2_photos/wallpapers]",
    "and 429 of BSD500": "[pack1_cid22,pack2_photos]",
}


def continued(run: Path, target: Path, include: str, steps: int) -> Path:
    """The model after so many more steps, the rate falling from a third of the peak to zero."""
    shutil.copytree(run, target)
    last = load_checkpoint(target / "checkpoints" / "last.ckpt")["global_step"] + steps
    rate = ["optimizer.lr=0.0005", "schedule.warmup=0", f"schedule.decay={steps / last}"]
    quiet = ["trainer.progress=false", f"trainer.valid_every={steps}"]
    train([f"resume={target}", f"source.settings.include={include}", f"trainer.max_steps={last}", *rate, *quiet])
    return target / "model.onnx"


def psnr(model: Path, folder: Path) -> str:
    """Means over a test set, sigma 15/25/50, known."""
    noises = {str(sigma): Gaussian(sigma) for sigma in (15, 25, 50)}
    rows = Benchmark({"model": OnnxDenoiser(model)}).run(Folder(folder).items(), noises)
    return "/".join(f"{row.values['psnr']:.2f}" for row in summarise(rows) if row.model == "model")


def main() -> None:
    """Train on, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="a finished run")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--runs", type=Path, default=Path("runs/research_pictures"))
    args = parser.parse_args()
    tests = Path(os.environ["DEGRAIN_DATA"]) / "test"
    for name, include in PICTURES.items():
        model = continued(args.run, args.runs / name.replace(" ", "_"), include, args.steps)
        print(f"| {name} | {psnr(model, tests / 'BSD68')} | {psnr(model, tests / 'CBSD68')} |", flush=True)


if __name__ == "__main__":
    main()
