"""Every experiment in its small form, trained and measured: python benchmarks/experiments.py [NAME ...]

Trains `experiment=NAME_small` into runs/experiments/NAME, goes on with what is there already, and measures the model
beside classical methods and the bundled one, on what the run held out, all on one frozen draw. Prints a Markdown table
for each and writes a panel to docs/images/results/. The classical methods need the extra [classical]; BM3D is measured
where the person has installed that package.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

from degrain.denoisers.base import Denoiser
from degrain.denoisers.zoo import open_denoiser
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.exhibit import exhibit, to_panel
from degrain.evaluation.report import to_markdown
from degrain.evaluation.rows import summarise
from degrain.images.write import write
from degrain.noise.table import parse
from degrain.training.held_out import held_out
from degrain.training.run import train

SCORES = {  # experiment -> what it is measured by, its row's own score among them
    "histology_vit": ["psnr", "ssim", "ciede2000"],
    "cifar10_autoencoder": ["psnr", "ssim", "mse", "pairwise"],
    "chest_xray_original": ["psnr", "ssim", "mse"],
    "chest_xray_new": ["psnr", "ssim", "mse"],
    "chest_xray_window": ["psnr", "ssim", "mse"],
    "photos_unet": ["psnr", "ssim"],
    "noise2noise_resunet": ["psnr", "ssim"],
    "noise2noise_supervised": ["psnr", "ssim"],
}
RECIPES = {  # where the recipe is not simply NAME_small
    "noise2noise_supervised": ["experiment=noise2noise_resunet_small", "objective=supervised", "name=supervised"],
}
CLASSICAL = ["nlm", "bm3d"] if find_spec("bm3d") else ["nlm"]
PANELS = Path(__file__).parents[1] / "docs/images/results"


def trained(name: str, runs: Path) -> Path:
    """The finished run."""
    folder = runs / name
    if not (folder / "model.onnx").exists():
        fresh = [*RECIPES.get(name, [f"experiment={name}_small"]), f"run_dir={folder}", "trainer.progress=false"]
        train([f"resume={folder}"] if (folder / "checkpoints/last.ckpt").exists() else fresh)
    return folder


def measured(name: str, run: Path, most: int) -> str:
    """The table; the panel is written on the way."""
    apart = held_out(run)
    denoisers: dict[str, Denoiser] = {apart.name: open_denoiser(apart.model)}
    denoisers |= {other: open_denoiser(other) for other in (*CLASSICAL, "small")}
    benchmark, items = Benchmark(denoisers, metrics=SCORES[name]), apart.items[:most]
    noises = {text: parse(text) for text in apart.noises}
    table = to_markdown(summarise(benchmark.run(items, noises)))
    text, noise = next(iter(noises.items()))
    PANELS.mkdir(parents=True, exist_ok=True)
    shown = exhibit(benchmark, items[0].load(), items[0].key, 0, noise, text)
    write(to_panel(shown), PANELS / f"{name}.png", overwrite=True)
    return f"{len(items)} pictures\n\n{table}"


def main() -> None:
    """One after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(SCORES), help=f"of {', '.join(SCORES)}")
    parser.add_argument("--runs", type=Path, default=Path("runs/experiments"))
    parser.add_argument("--most", type=int, default=100, help="held-out pictures to measure on")
    args = parser.parse_args()
    for name in args.names:
        run = trained(name, args.runs)
        print(f"## {name}\n\n{measured(name, run, args.most)}\n", flush=True)


if __name__ == "__main__":
    main()
