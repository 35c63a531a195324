"""The parts of a run, each from its settings: network, pictures, trainer."""

import json
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, LearningRateMonitor
from lightning.pytorch.loggers import Logger

from degrain.data.crops import CAPTURED, Crops
from degrain.data.datamodule import TileData
from degrain.errors import TrainingError
from degrain.models.catalog import build as build_network
from degrain.noise.table import described, parse
from degrain.objectives.batch import Objective
from degrain.objectives.losses import WeightedSum
from degrain.objectives.table import build as build_objective
from degrain.sources.reduced import Reduced
from degrain.sources.split import Split
from degrain.sources.table import open_source
from degrain.storage.run_folder import RunFolder
from degrain.training.averaging import averaging
from degrain.training.bar import StepBar
from degrain.training.checkpoints import ExportLast, KeepBest, KeepConfig, KeepLast, SafeCheckpoints
from degrain.training.curves import LossCurve
from degrain.training.interrupt import FinishStep
from degrain.training.live import live_views
from degrain.training.loggers import loggers_named
from degrain.training.module import DenoisingModule
from degrain.training.optimizers import optimizer_named
from degrain.training.samples import Samples
from degrain.training.schedule import WarmupStableDecay
from degrain.training.throughput import Throughput
from degrain.training.time_limit import TimeLimit


def build_module(config: Mapping[str, Any]) -> DenoisingModule:
    """Network, objective, optimiser and schedule."""
    model, optimizer, objective = config["model"], dict(config["optimizer"]), dict(config["objective"])
    loss = WeightedSum.parse(objective.pop("loss"), config["losses"])
    recipe = {
        "name": config["name"],
        "network": model["network"],
        "settings": model["settings"],
        "card": {**config["card"], "noise": _noise_on_card(config), "degrain": version("degrain")},
    }
    module = DenoisingModule(
        net=build_network(model["network"], model["settings"]),
        objective=build_objective(objective.pop("name", "supervised"), loss, objective),
        make_optimizer=partial(optimizer_named, optimizer.pop("name"), **optimizer),
        schedule=WarmupStableDecay(steps=config["trainer"]["max_steps"], **config["schedule"]),
        recipe=recipe,
    )
    module.make_optimizer(list(module.parameters()))  # what it refuses is refused before anything is written
    return module


def build_data(config: Mapping[str, Any], module: DenoisingModule) -> TileData:
    """Pictures, noise and crops, for what the module needs of a batch."""
    crops, net = Crops(**config["data"]), module.by_planes.net
    if not net.rule.takes(crops.side):
        raise TrainingError(f"{config['model']['network']} cannot train on data.side={crops.side}", hint=f"{net.rule}")
    return TileData(
        pictures=build_pictures(config["source"]),
        noise=described(config["noise"]),
        valid_noises=[parse(text) for text in config["valid_noises"]],
        crops=crops,
        seed=config["seed"],
        needs=module.objective.needs,
        channels=net.planes.keys(),
        valid_side=crops.tile if net.rule.takes(crops.tile) else crops.side,
    )


def build_pictures(config: Mapping[str, Any]) -> Split:
    """The pictures of a source, reduced and parted as it says."""
    source = open_source(config["name"], {"root": config["root"], **config["settings"]})
    source = source if config["reduce"] is None else Reduced(source, config["reduce"])
    return Split(source, **config["split"])


def check_patience(patience: int | None, objective: Objective) -> None:
    """Stopping early on a figure taken against noisy pictures would keep the noise. Raises TrainingError."""
    if patience is not None and "clean" not in objective.needs:
        raise TrainingError(
            "stopping early needs an objective that learns from clean pictures: a figure against noisy ones misleads",
            hint="leave trainer.patience null and set trainer.max_steps or trainer.max_minutes",
        )


def build_trainer(config: Mapping[str, Any], folder: Path, first_step: int) -> L.Trainer:
    """Lightning's trainer with our checkpoints and logs."""
    settings = config["trainer"]
    pixels = config["data"]["batch"] * config["data"]["side"] ** 2
    logs = loggers_named(settings["loggers"], folder, first_step)
    run = RunFolder(folder)
    callbacks: list[Callback] = [
        averaging(config["ema"]),
        *live_views(settings, folder),
        FinishStep(),
        Throughput(pixels),
        Samples(run.samples),
        LossCurve(run),
        KeepBest(run.checkpoints, settings["patience"], of=_judged_on(config)),
        KeepLast(run.checkpoints, every=settings["save_every"]),
        KeepConfig(config, run.config),
        ExportLast(run),
    ]
    if logs:
        callbacks.append(LearningRateMonitor(logging_interval="step"))
    if settings["progress"]:
        callbacks.append(StepBar())
    if settings["max_minutes"] is not None:
        callbacks.append(TimeLimit(settings["max_minutes"]))
    try:
        return _trainer(settings, logs, callbacks)
    except (ValueError, TypeError, ImportError, RuntimeError, MisconfigurationException) as error:
        raise TrainingError(f"the trainer cannot be set up: {error}", hint="see the trainer settings") from error


def _trainer(settings: Mapping[str, Any], logs: list[Logger], callbacks: list[Callback]) -> L.Trainer:
    return L.Trainer(
        accelerator=settings["accelerator"],
        devices=settings["devices"],
        num_nodes=settings["num_nodes"],
        strategy=settings["strategy"],
        use_distributed_sampler=False,  # the data knows its ranks; each validates on all that is held out
        precision=settings["precision"],
        max_steps=settings["max_steps"],
        gradient_clip_val=settings["gradient_clip"],
        val_check_interval=min(settings["valid_every"], settings["max_steps"]),  # a short run is judged, too
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        log_every_n_steps=min(settings["log_every"], settings["max_steps"]),
        benchmark=torch.cuda.is_available(),
        enable_model_summary=False,
        enable_progress_bar=False,  # ours is a callback
        plugins=[SafeCheckpoints()],
        logger=logs,
        callbacks=callbacks,
    )


def _judged_on(config: Mapping[str, Any]) -> str:
    """What the PSNR of held-out pictures depends on besides the weights."""
    return json.dumps([config["valid_noises"], config["data"]["side"], config["data"]["tile"], config["source"]])


def _noise_on_card(config: Mapping[str, Any]) -> str:
    """What a model's card says of the noise that it was trained on."""
    return CAPTURED if config["data"]["shots"] == CAPTURED else str(described(config["noise"]))
