"""Every experiment in its small form, trained and measured: python benchmarks/experiments.py [NAME ...]

Trains the recipes into runs/experiments/EXPERIMENT_MODEL, goes on with what is there already, and measures the models
of an experiment beside classical methods and the bundled one, on what the runs held out, all on one frozen draw. Prints
a Markdown table for each and writes a panel to docs/images/results/. The classical methods need the extra [classical];
BM3D is measured where the person has installed that package.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from degrain.denoisers.zoo import open_denoiser
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.exhibit import Exhibit, exhibit, to_panel
from degrain.evaluation.report import to_markdown
from degrain.evaluation.rows import summarise
from degrain.noise.base import NoiseModel
from degrain.noise.table import parse
from degrain.sources.base import Item
from degrain.training.held_out import held_out
from degrain.training.run import train

CLASSICAL = ["nlm", "bm3d"] if find_spec("bm3d") else ["nlm"]
PANELS = Path(__file__).parents[1] / "docs/images/results"


@dataclass(frozen=True)
class Experiment:
    """One table and one panel.

    Attributes:
        recipes: overrides of each model's run, by the model's name; all hold out the same pictures.
        metrics: what they are measured by, the experiment's own score among them.
        shown: part of the key of the held-out picture in the panel; None where the terms of all forbid to show one.
    """

    recipes: Mapping[str, Sequence[str]]
    metrics: Sequence[str]
    shown: str | None = None


NOISE2NOISE = "experiment=noise2noise_resunet_small"
EXPERIMENTS = {
    "histology": Experiment({"vit": ["experiment=histology_vit_small"]}, ["psnr", "ssim", "ciede2000"]),
    "cifar10": Experiment(
        {"autoencoder": ["experiment=cifar10_autoencoder_small"]}, ["psnr", "ssim", "mse", "pairwise"]
    ),
    "chest_xray": Experiment(
        {form: [f"experiment=chest_xray_{form}_small"] for form in ("original", "new", "window")},
        ["psnr", "ssim", "mse"],
        shown="nih_",
    ),
    "photos": Experiment({"unet": ["experiment=photos_unet_small"]}, ["psnr", "ssim"], shown="bengal_"),
    "noise2noise": Experiment(
        {
            "noise2noise": [NOISE2NOISE],
            "supervised": [NOISE2NOISE, "objective=supervised", "name=supervised"],
        },
        ["psnr", "ssim"],
        shown="budgie_",
    ),
}


def trained(name: str, recipe: Sequence[str], runs: Path) -> Path:
    """The folder of the finished run."""
    run = runs / name
    if not (run / "model.onnx").exists():
        begun = (run / "checkpoints/last.ckpt").exists()
        train([f"resume={run}"] if begun else [*recipe, f"run_dir={run}", "trainer.progress=false"])
    return run


def measured(name: str, runs: Path, most: int) -> str:
    """The table; the panel is written on the way."""
    experiment = EXPERIMENTS[name]
    parts = {model: held_out(trained(f"{name}_{model}", recipe, runs)) for model, recipe in experiment.recipes.items()}
    denoisers = {model: open_denoiser(part.model) for model, part in parts.items()}
    denoisers |= {other: open_denoiser(other) for other in ("small", *CLASSICAL)}
    benchmark, part = Benchmark(denoisers, metrics=experiment.metrics), next(iter(parts.values()))
    items, noises = part.items[:most], {text: parse(text) for text in part.noises}
    if experiment.shown is not None:
        PANELS.mkdir(parents=True, exist_ok=True)
        view = shown(benchmark, items, experiment.shown, noises)
        Image.fromarray(to_panel(view).samples).save(PANELS / f"{name}.jpg", quality=88)  # a third of lossless
    return f"{len(items)} pictures\n\n{to_markdown(summarise(benchmark.run(items, noises)))}"


def shown(benchmark: Benchmark, items: Sequence[Item], key: str, noises: Mapping[str, NoiseModel]) -> Exhibit:
    """The first picture with that in its key, under the first noise."""
    index, item = next((index, item) for index, item in enumerate(items) if key in item.key)
    text, noise = next(iter(noises.items()))
    return exhibit(benchmark, item.load(), item.key, index, noise, text)


def main() -> None:
    """One after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(EXPERIMENTS), help=f"of {', '.join(EXPERIMENTS)}")
    parser.add_argument("--runs", type=Path, default=Path("runs/experiments"))
    parser.add_argument("--most", type=int, default=100, help="held-out pictures to measure on")
    args = parser.parse_args()
    for name in args.names:
        print(f"## {name}\n\n{measured(name, args.runs, args.most)}\n", flush=True)


if __name__ == "__main__":
    main()
