"""What the live views cost a training step: python benchmarks/live_views.py [--steps 300] [--rounds 5] [KEY=VALUE ...]

Trains experiment=small (other settings as KEY=VALUE) without a view, with the one in the background at N = 10, and with
the blocking one; rounds alternate so that a machine that slows down slows all three. Prints a Markdown table:

- the processor time that the view itself takes, on training's thread and on its own, as a share of the whole run's:
  steady even on a busy machine;
- wall time from the end of one step to the end of another, so that all that the view takes from training is counted:
  to be believed on a quiet machine only.
"""

import argparse
import logging
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Self

import lightning as L
import torch
from omegaconf import OmegaConf
from short_run import short_run

from degrain.training.build import build_data, build_module
from degrain.training.compose import compose_run
from degrain.training.live import live_views

VIEWS = ("null", "async", "batch")
WARMUP = 20  # steps


@dataclass(frozen=True)
class Cost:
    """What steps cost: seconds on the wall, of all processors, and of the view alone."""

    wall: float
    processor: float
    view: float

    def __sub__(self, other: Self) -> "Cost":
        return Cost(self.wall - other.wall, self.processor - other.processor, self.view - other.view)


class Clock(L.Callback):
    """Runs the views, and knows what everything has cost after the warm-up."""

    def __init__(self, views: list[L.Callback]) -> None:
        self.views, self.inside = views, 0.0  # seconds that training's thread spent in them

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any) -> None:
        """Read the clocks after the first and the last step that count."""
        began = time.thread_time()
        for view in self.views:
            view.on_train_batch_end(trainer, *args)
        self.inside += time.thread_time() - began
        if trainer.global_step == WARMUP:
            self.began = self._now()
        elif trainer.global_step == trainer.max_steps:
            self.cost = self._now() - self.began

    def _now(self) -> Cost:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        painters = [thread.ident for thread in threading.enumerate() if thread.name == "degrain-background"]
        painting = sum(time.clock_gettime(time.pthread_getcpuclockid(ident)) for ident in painters if ident)
        return Cost(time.perf_counter(), time.process_time(), self.inside + painting)


class Others(L.Callback):
    """All hooks of a view but the one that the clock calls."""

    def __init__(self, view: L.Callback) -> None:
        self.on_train_start, self.on_exception = view.on_train_start, view.on_exception  # type: ignore[method-assign]
        self.teardown = view.teardown  # type: ignore[method-assign]


def measure(view: str, steps: int, overrides: list[str]) -> Cost:
    """What the steps cost under one view."""
    with tempfile.TemporaryDirectory() as folder:
        settings = ["experiment=small", f"run_dir={folder}/run", f"trainer.live={view}", *overrides]
        config: Any = OmegaConf.to_container(compose_run(settings).config, resolve=True)
        views = live_views(config["trainer"], Path(folder))
        clock = Clock(views)
        module = build_module(config)
        short_run(config, steps, [*map(Others, views), clock]).fit(module, build_data(config, module))
        return clock.cost


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
    print("| view | its processor time | ms a step, median | more, median (least, most) |\n|---|---|---|---|")
    for view in VIEWS:
        own = median(100 * one[view].view / one[view].processor for one in rounds)
        costs = [100 * (one[view].wall / one["null"].wall - 1) for one in rounds]
        spread = f"{median(costs):+.1f} % ({min(costs):+.1f}, {max(costs):+.1f})"
        step = 1e3 * median(one[view].wall for one in rounds) / (args.steps - WARMUP)
        print(f"| {view} | {own:.1f} % | {step:.1f} | {spread} |")


if __name__ == "__main__":
    main()
