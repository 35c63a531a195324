"""A training run: compose the configuration, build the parts, fit, export.

runs/EXPERIMENT/TIME/
    config.yaml            what was run, resolved
    metrics.csv            step, name, value; TensorBoard's files in tensorboard/
    checkpoints/last.ckpt  everything needed to go on, and the one before it
    samples/               held-out pictures: clean | noisy | denoised
    model.onnx             the averaged weights, ready for ``degrain denoise -m``
"""

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import lightning as L
import torch
from hydra import compose, initialize_config_module
from hydra.errors import HydraException
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, EMAWeightAveraging, LearningRateMonitor
from lightning.pytorch.loggers import Logger, TensorBoardLogger
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from degrain.data.crops import CAPTURED, Crops
from degrain.data.datamodule import TileData
from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint
from degrain.export.onnx import export_onnx
from degrain.models.catalog import build
from degrain.noise.table import build as build_noise
from degrain.noise.table import parse
from degrain.objectives.losses import WeightedSum
from degrain.objectives.table import build as build_objective
from degrain.sources.reduced import Reduced
from degrain.sources.split import Split
from degrain.sources.table import open_source
from degrain.training.checkpoints import LAST, KeepLast, SafeCheckpoints, newest_checkpoint
from degrain.training.log import CsvLog
from degrain.training.module import DenoisingModule
from degrain.training.optimizers import optimizer_named
from degrain.training.samples import Samples
from degrain.training.schedule import WarmupStableDecay
from degrain.training.throughput import Throughput


@dataclass(frozen=True)
class Run:
    """A configured run and where it continues from."""

    config: DictConfig
    folder: Path
    checkpoint: Path | None  # None = from the start


def train(overrides: Sequence[str]) -> Path:
    """Train as the overrides say; see ``conf/train.yaml``.

    Args:
        overrides: Hydra's ``key=value``, among them ``resume=RUN_DIR``.

    Returns:
        The run's folder.

    Raises:
        TrainingError: a configuration, data or checkpoint that cannot be used.
    """
    run = compose_run(overrides)
    fit(run)
    return run.folder


def compose_run(overrides: Sequence[str]) -> Run:
    """The configuration that the overrides make, fresh or on top of the run they resume."""
    resume = next((text.removeprefix("resume=") for text in overrides if text.startswith("resume=")), None)
    rest = [text for text in overrides if not text.startswith("resume=")]
    try:
        if resume is None:
            with initialize_config_module("degrain.conf", version_base="1.3"):
                config = compose("train", rest)
            stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
            folder = Path(config.run_dir or f"runs/{config.name}/{stamp}")
            if (folder / "config.yaml").exists():
                raise TrainingError(
                    f"{folder} holds a run already", hint=f"go on with resume={folder}, or name another"
                )
            return Run(config, folder, None)
        folder = Path(resume)
        if not (folder / "config.yaml").exists():
            raise TrainingError(f"{folder} is not a run: it has no config.yaml", hint="give the folder of a run")
        saved = OmegaConf.load(folder / "config.yaml")
        OmegaConf.set_struct(saved, True)  # a misspelt key is an error, as in a fresh run
        config = cast(DictConfig, OmegaConf.merge(saved, OmegaConf.from_dotlist(rest)))
        return Run(config, folder, newest_checkpoint(folder / "checkpoints"))
    except (HydraException, OmegaConfBaseException) as error:
        raise TrainingError(
            str(error).strip().splitlines()[0], hint="degrain train --help lists the settings"
        ) from error


def fit(run: Run) -> None:
    """Train until the configured step or time, leaving a checkpoint behind."""
    config = cast(dict[str, Any], OmegaConf.to_container(run.config, resolve=True))
    first_step = load_checkpoint(run.checkpoint)["global_step"] if run.checkpoint else 0
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # no tips, no list of absent devices
    L.seed_everything(config["seed"], verbose=False)
    module = build_module(config)
    data = build_data(config, module)
    (run.folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    OmegaConf.save(run.config, run.folder / "config.yaml", resolve=True)
    if config["trainer"]["compile"]:
        module.by_planes.net.compile()
    trainer = build_trainer(config, run.folder, first_step)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning warns of its own internals and of choices that are meant
        trainer.fit(module, data, ckpt_path=run.checkpoint)
    if trainer.is_global_zero:
        export_onnx(run.folder / "checkpoints" / LAST, run.folder / "model.onnx", overwrite=True)


def build_module(config: Mapping[str, Any]) -> DenoisingModule:
    """Network, objective, optimiser and schedule."""
    model, optimizer, objective = config["model"], dict(config["optimizer"]), dict(config["objective"])
    loss = WeightedSum.parse(objective.pop("loss"), config.get("losses"))
    recipe = {
        "name": config["name"],
        "network": model["network"],
        "settings": model["settings"],
        "card": {**config["card"], "noise": _noise(config), "degrain": version("degrain")},
    }
    return DenoisingModule(
        net=build(model["network"], model["settings"]),
        objective=build_objective(objective.pop("name", "supervised"), loss, objective),
        make_optimizer=partial(optimizer_named, optimizer.pop("name"), **optimizer),
        schedule=WarmupStableDecay(steps=config["trainer"]["max_steps"], **config["schedule"]),
        recipe=recipe,
    )


def build_data(config: Mapping[str, Any], module: DenoisingModule) -> TileData:
    """Pictures, noise and crops, for what the module needs of a batch."""
    noise, crops, net = dict(config["noise"]), Crops(**config["data"]), module.by_planes.net
    if not net.rule.takes(crops.side):
        raise TrainingError(f"{config['model']['network']} cannot train on data.side={crops.side}", hint=f"{net.rule}")
    return TileData(
        pictures=build_pictures(config["source"]),
        noise=build_noise(noise.pop("name"), noise),
        valid_noises=[parse(text) for text in config["valid_noises"]],
        crops=crops,
        seed=config["seed"],
        needs=module.objective.needs,
        channels=net.planes.keys(),
    )


def build_pictures(config: Mapping[str, Any]) -> Split:
    """The pictures of a source, reduced and parted as it says."""
    source = open_source(config["name"], {"root": config["root"], **config["settings"]})
    return Split(Reduced(source, config["reduce"]) if config["reduce"] else source, **config["split"])


def _noise(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a model's card says of the noise that it was trained on."""
    return {"name": CAPTURED} if config["data"].get("shots") == CAPTURED else cast(Mapping[str, Any], config["noise"])


def build_trainer(config: Mapping[str, Any], folder: Path, first_step: int) -> L.Trainer:
    """Lightning's trainer with our checkpoints and logs."""
    settings = config["trainer"]
    pixels = config["data"]["batch"] * config["data"]["side"] ** 2
    logs: list[Logger] = [CsvLog(folder / "metrics.csv", first_step)]
    logs.append(TensorBoardLogger(folder, name="", version="tensorboard"))
    callbacks: list[Callback] = [
        EMAWeightAveraging(decay=config["ema"]),
        LearningRateMonitor(logging_interval="step"),
        Throughput(pixels),
        Samples(folder / "samples"),
        KeepLast(folder / "checkpoints", every=settings["save_every"]),
    ]
    try:
        return _trainer(settings, logs, callbacks)
    except (ValueError, RuntimeError, MisconfigurationException) as error:
        raise TrainingError(f"the trainer cannot be set up: {error}", hint="see the trainer settings") from error


def _trainer(settings: Mapping[str, Any], logs: list[Logger], callbacks: list[Callback]) -> L.Trainer:
    minutes = settings["max_minutes"]
    return L.Trainer(
        accelerator=settings["accelerator"],
        devices=settings["devices"],
        precision=settings["precision"],
        max_steps=settings["max_steps"],
        max_time=None if minutes is None else timedelta(minutes=minutes),
        gradient_clip_val=settings["gradient_clip"],
        val_check_interval=settings["valid_every"],
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        log_every_n_steps=settings["log_every"],
        benchmark=torch.cuda.is_available(),
        enable_model_summary=False,
        enable_progress_bar=settings["progress"],
        plugins=[SafeCheckpoints()],
        logger=logs,
        callbacks=callbacks,
    )
