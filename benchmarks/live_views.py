"""What the live views cost a training step: python benchmarks/live_views.py [--steps 300] [--rounds 5] [KEY=VALUE ...]

Trains experiment=small (other settings as KEY=VALUE) without a view, with the one in the background at N = 10, and with
the blocking one; rounds alternate so that a machine that slows down slows all three. Wall time from the end of one step
to the end of another, so what the thread takes from training is counted. Prints a Markdown table.
"""

import argparse
import logging
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median
from typing import Any

import lightning as L
import torch
from omegaconf import OmegaConf

from degrain.training.averaging import averaging
from degrain.training.live import live_views
from degrain.training.run import build_data, build_module, compose_run

VIEWS = ("null", "async", "batch")
WARMUP = 20  # steps


class Clock(L.Callback):
    """Milliseconds a step after the warm-up."""

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any) -> None:
        """Read the clock after the first and the last step that count."""
        if trainer.global_step in (WARMUP, trainer.max_steps):
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            now = time.perf_counter()
            if trainer.global_step == WARMUP:
                self.began = now
            else:
                self.ms = 1e3 * (now - self.began) / (trainer.max_steps - WARMUP)


def measure(view: str, steps: int, overrides: list[str]) -> float:
    """Milliseconds a step under one view."""
    with tempfile.TemporaryDirectory() as folder:
        settings = ["experiment=small", f"run_dir={folder}/run", f"trainer.live={view}", *overrides]
        config: Any = OmegaConf.to_container(compose_run(settings).config, resolve=True)
        clock = Clock()
        trainer = L.Trainer(
            accelerator=config["trainer"]["accelerator"],
            devices=1,
            precision=config["trainer"]["precision"],
            max_steps=steps,
            gradient_clip_val=config["trainer"]["gradient_clip"],
            limit_val_batches=0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[averaging(config["ema"]), *live_views(config["trainer"], Path(folder)), clock],
        )
        module = build_module(config)
        trainer.fit(module, build_data(config, module))
        return clock.ms


def main() -> None:
    """Measure each view in turn, several times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("overrides", nargs="*")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    rounds = [{view: measure(view, args.steps, args.overrides) for view in VIEWS} for _ in range(args.rounds)]
    print("| view | ms a step, median | cost, median (least, most) |\n|---|---|---|")
    for view in VIEWS:
        costs = [100 * (one[view] / one["null"] - 1) for one in rounds]
        spread = f"{median(costs):+.1f} % ({min(costs):+.1f}, {max(costs):+.1f})"
        print(f"| {view} | {median(one[view] for one in rounds):.1f} | {spread} |")


if __name__ == "__main__":
    main()
