"""Compare training variants at equal CPU time: python benchmarks/variants.py --minutes 6 [NAME ...]

Each variant gets as many steps as fit into the budget at its own measured cost per step (process time, one thread,
so that a busy machine does not matter), with the whole schedule including the decay. Prints a Markdown table of PSNR on
held-out training pictures (never a test set), averaged weights, noise level known.
"""

import argparse
import csv
import time
from pathlib import Path
from typing import Any, cast

import torch
from omegaconf import OmegaConf

from degrain.training.build import build_data, build_module
from degrain.training.compose import compose_run
from degrain.training.run import train

VARIANTS = {
    "plain stem": ["+model.settings.centred=false"],
    "residual 24-48-96, blocks 1-1-4": [],
    "residual 24-48-96, blocks 2-2-2": ["model.settings.blocks=[2,2,2]"],
    "residual 32-64-128, blocks 1-1-2": ["model.settings.widths=[32,64,128]", "model.settings.blocks=[1,1,2]"],
    "depthwise 32-64-128, blocks 1-1-4": ["model.settings.widths=[32,64,128]", "+model.settings.block=depthwise"],
    "AdamW": ["optimizer=adamw"],
    "log-MSE": ["objective.loss=log_mse"],
    "and the 429 research-only BSD pictures": ["source.settings.include=[pack1_cid22,pack2_photos]"],
}
COMMON = [
    "experiment=small",
    "noise=gaussian",
    "objective.loss=l1",
    "data.side=64",
    "data.tile=128",
    "schedule.warmup=200",
    "trainer.accelerator=cpu",
]
QUIET = ["trainer.progress=false", "trainer.log_every=200", "trainer.save_every=100000", "trainer.valid_every=100000"]


def seconds_per_step(overrides: list[str]) -> float:
    """CPU seconds of one training step: draw, forward, backward, update."""
    config = cast(dict[str, Any], OmegaConf.to_container(compose_run(overrides).config, resolve=True))
    module = build_module(config)
    crops = build_data(config, module).crops
    optimizer = cast(torch.optim.Optimizer, module.configure_optimizers()["optimizer"])
    clean = torch.rand(crops.batch, 3, crops.side, crops.side)
    for step in range(40):
        if step == 10:
            began = time.process_time()
        noisy = clean + 0.1 * torch.randn_like(clean)
        terms = module.objective(
            module.by_planes, {"noisy": noisy, "clean": clean, "level": 0.1 * torch.ones_like(clean[:, :1])}
        )
        optimizer.zero_grad()
        sum(terms.values()).backward()
        optimizer.step()
    return (time.process_time() - began) / 30


def final_psnr(folder: Path) -> dict[str, float]:
    """The last validation values of a run."""
    with (folder / "metrics.csv").open(newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file) if row["name"].startswith("psnr")}


def main() -> None:
    """Run the variants named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(VARIANTS))
    parser.add_argument("--minutes", type=float, default=6.0, help="CPU minutes for each variant")
    parser.add_argument("--runs", type=Path, default=Path("runs/variants"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    for name in args.names:
        overrides = [*COMMON, *QUIET, *VARIANTS[name]]
        cost = seconds_per_step(overrides)
        steps = int(60 * args.minutes / cost)
        folder = args.runs / name.replace(" ", "_").replace(",", "")
        train([*overrides, f"trainer.max_steps={steps}", f"trainer.valid_every={steps}", f"run_dir={folder}"])
        values = final_psnr(folder)
        rgb = "/".join(f"{values[f'psnr_rgb_{sigma}']:.2f}" for sigma in (15, 25, 50))
        gray = "/".join(f"{values[f'psnr_gray_{sigma}']:.2f}" for sigma in (15, 25, 50))
        print(f"| {name} | {steps} | {1e3 * cost:.0f} | {rgb} | {gray} |", flush=True)


if __name__ == "__main__":
    main()
