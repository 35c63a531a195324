"""How fast training goes and where its time goes: python benchmarks/training_speed.py [--steps 60] [KEY=VALUE ...]

Trains ``experiment=small`` (another one, other settings: KEY=VALUE) for some steps as ``degrain train`` would, without
writing anything, then repeats the parts of a step one by one. Prints megapixels a second, the share that this is of the
rate at which the device multiplies large matrices in the same precision (forward and backward are 6 floating-point
operations for each multiplication of the network), and the milliseconds of each part.
"""

import argparse
import logging
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import WeightAveraging
from omegaconf import OmegaConf
from short_run import short_run
from torch.utils.flop_counter import FlopCounterMode

from degrain.data.datamodule import TileData
from degrain.training.averaging import averaging
from degrain.training.build import build_data, build_module
from degrain.training.compose import compose_run
from degrain.training.module import DenoisingModule

WARMUP, MATRIX = 10, 4096


class Clock(L.Callback):
    """Seconds of every step."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_train_batch_end(self, *args: Any) -> None:
        """From the end of one to the end of the next."""
        self.ends.append(now())


def now() -> float:
    """Seconds, once the device has done all that it was asked to."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def typical(work: Callable[[], object], times: int = 20) -> float:
    """Median milliseconds."""
    taken = []
    for _ in range(times):
        began = now()
        work()
        taken.append(1e3 * (now() - began))
    return median(taken)


def in_precision(config: dict[str, Any], device: torch.device) -> AbstractContextManager[Any]:
    """As Lightning computes there."""
    return torch.autocast(device.type, torch.bfloat16, enabled=config["trainer"]["precision"] == "bf16-mixed")


def matrix_rate(config: dict[str, Any], device: torch.device) -> float:
    """Multiplications a second in large matrices."""
    a = torch.randn(MATRIX, MATRIX, device=device)
    with in_precision(config, device), torch.inference_mode():
        half = a.bfloat16() if torch.is_autocast_enabled(device.type) else a
        return MATRIX**3 / (typical(lambda: half @ half, 5) / 1e3)


def arithmetic(module: DenoisingModule, device: torch.device, side: int = 64) -> float:
    """Multiplications of the network for one pixel."""
    net = module.by_planes.net
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        net(torch.zeros(1, net.width, side, side, device=device), torch.zeros(1, 1, side, side, device=device))
    return counter.get_total_flops() / 2 / side**2


def steps(config: dict[str, Any], module: DenoisingModule, data: TileData, count: int) -> float:
    """Median milliseconds of a step in Lightning's loop."""
    clock = Clock()
    short_run(config, WARMUP + count, [clock]).fit(module, data)
    return 1e3 * median(
        later - earlier for earlier, later in zip(clock.ends[WARMUP:], clock.ends[WARMUP + 1 :], strict=False)
    )


def parts(config: dict[str, Any], module: DenoisingModule, data: TileData) -> dict[str, float]:
    """Milliseconds of each part of a step, one after the other."""
    device, batch = data.device, data.batch(0, 0)
    module.to(device).train()
    optimizer = module.make_optimizer(list(module.by_planes.parameters()))

    def loss() -> torch.Tensor:
        with in_precision(config, device):
            return torch.stack(list(module.objective(module.by_planes, batch).values())).sum()

    def both() -> None:
        optimizer.zero_grad()
        loss().backward()

    average: WeightAveraging = averaging(config["ema"])
    average.setup(L.Trainer(logger=False, accelerator=device.type, devices=1), module, "fit")
    whole = typical(both)
    forward = typical(loss)
    return {
        "draw the batch": typical(lambda: data.batch(0, 1)),
        "forward": forward,
        "backward": whole - forward,
        "optimiser": typical(optimizer.step),
        "average the weights": typical(lambda: average._average_model.update_parameters(module)),  # type: ignore[union-attr]
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("overrides", nargs="*")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        run = compose_run(["experiment=small", f"run_dir={folder}/run", *args.overrides])
    config: Any = OmegaConf.to_container(run.config, resolve=True)
    module = build_module(config)
    data = build_data(config, module)
    step = steps(config, module, data, args.steps)
    each = parts(config, module, data)
    pixels = config["data"]["batch"] * config["data"]["side"] ** 2
    macs, rate = arithmetic(module, data.device), matrix_rate(config, data.device)
    share = 3 * macs * pixels / (step / 1e3) / rate
    print(f"{config['name']}, {config['trainer']['precision']} on {data.device}, {torch.get_num_threads()} threads:")
    print(f"{pixels / step / 1e3:.2f} megapixels a second, {macs / 1e3:.1f} kMAC a pixel,")
    print(f"{share:.0%} of a large matrix product's {rate / 1e9:.0f} GMAC/s\n")
    print("| part of a step | ms |\n|---|---|")
    for name, ms in each.items():
        print(f"| {name} | {ms:.1f} |")
    print(f"| all else | {step - sum(each.values()):.1f} |\n| **the step** | {step:.1f} |")


if __name__ == "__main__":
    main()
