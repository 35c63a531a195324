"""A training run: compose the configuration, build the parts, fit, export.

runs/EXPERIMENT/TIME/
    config.yaml            what was run, resolved
    metrics.csv            step, name, value; TensorBoard's files in tensorboard/
    loss.png               its curves: training loss, validation PSNR
    live.html, live.png    with trainer.live: what the network makes of the batch at hand
    checkpoints/last.ckpt  everything needed to go on, and the one before it; best.ckpt by the validation PSNR
    samples/               held-out pictures: clean | noisy | denoised
    model.onnx             the averaged weights, ready for ``degrain denoise -m``
"""

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import lightning as L
import torch
from hydra import compose, initialize_config_module
from hydra.errors import HydraException
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, LearningRateMonitor
from lightning.pytorch.loggers import Logger
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from degrain.data.crops import CAPTURED, Crops
from degrain.data.datamodule import TileData
from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint, load_network
from degrain.models.catalog import build
from degrain.noise.table import build as build_noise
from degrain.noise.table import parse
from degrain.objectives.batch import Objective
from degrain.objectives.losses import WeightedSum
from degrain.objectives.table import build as build_objective
from degrain.sources.reduced import Reduced
from degrain.sources.split import Split
from degrain.sources.table import open_source
from degrain.training.averaging import averaging
from degrain.training.bar import StepBar
from degrain.training.checkpoints import (
    ExportLast,
    KeepBest,
    KeepConfig,
    KeepLast,
    SafeCheckpoints,
    newest_checkpoint,
)
from degrain.training.curves import LossCurve
from degrain.training.live import live_views
from degrain.training.loggers import loggers_named
from degrain.training.module import DenoisingModule
from degrain.training.optimizers import optimizer_named
from degrain.training.precision import resolved
from degrain.training.processes import is_first, tell_folder, told_folder
from degrain.training.samples import Samples
from degrain.training.schedule import WarmupStableDecay
from degrain.training.settings import check_settings, explained
from degrain.training.throughput import Throughput
from degrain.training.time_limit import TimeLimit


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
            config = _composed("train", rest)
            return Run(_with_precision(config), _fresh_folder(config), None)
        folder = Path(resume)
        if not (folder / "config.yaml").exists():
            raise TrainingError(f"{folder} is not a run: it has no config.yaml", hint="give the folder of a run")
        config = _saved(folder)
        _keep_groups(config, rest)
        config.merge_with_dotlist(rest)
        return Run(_with_precision(config), folder, newest_checkpoint(folder / "checkpoints"))
    except (HydraException, OmegaConfBaseException) as error:
        raise explained(error, _plain(_composed("train"))) from error


def _composed(name: str, overrides: Sequence[str] = ()) -> DictConfig:
    with initialize_config_module("degrain.conf", version_base="1.3"):
        return compose(name, list(overrides))


def _plain(config: DictConfig) -> dict[str, Any]:
    return cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))


def _saved(folder: Path) -> DictConfig:
    """What a run was started with; settings of the trainer that have come up since then take their defaults."""
    defaults = _composed("trainer/default")
    OmegaConf.set_struct(defaults, False)
    saved = cast(DictConfig, OmegaConf.merge(defaults, OmegaConf.load(folder / "config.yaml")))
    OmegaConf.set_struct(saved, True)  # a misspelt key is an error, as in a fresh run
    return saved


def _keep_groups(config: DictConfig, overrides: Sequence[str]) -> None:
    """A resumed run keeps its network, noise, source: ``noise=poisson`` would replace a whole group by a word."""
    for text in overrides:
        key, _, value = text.partition("=")
        if OmegaConf.is_dict(OmegaConf.select(config, key)) and not value.startswith("{"):
            raise TrainingError(
                f"a resumed run keeps its {key}, got {text}", hint=f"change a setting of it: {key}.NAME="
            )


def _with_precision(config: DictConfig) -> DictConfig:
    """``auto`` is decided once, so that a run resumed elsewhere keeps it."""
    config.trainer.precision = resolved(config.trainer.precision, config.trainer.accelerator)
    return config


def _fresh_folder(config: DictConfig) -> Path:
    """Where a new run goes; the first process looks whether the place is free."""
    if not is_first():
        return Path(config.run_dir) if config.run_dir else told_folder()
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    folder = Path(config.run_dir or f"runs/{config.name}/{stamp}")
    if any((folder / "checkpoints").glob("*.ckpt")):
        raise TrainingError(f"{folder} holds a run already", hint=f"go on with resume={folder}, or name another")
    return folder


def fit(run: Run) -> None:
    """Train until the configured step or time, leaving a checkpoint behind."""
    config = _plain(run.config)
    check_settings(config)
    first_step = load_checkpoint(run.checkpoint)["global_step"] if run.checkpoint else 0
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)  # no tips, no list of absent devices
    L.seed_everything(config["seed"], verbose=False)
    module = build_module(config)
    if run.checkpoint is None and config.get("start"):
        begin(module, Path(config["start"]))
    data = build_data(config, module)
    check_patience(config["trainer"]["patience"], module.objective)
    (run.folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    if is_first():
        tell_folder(run.folder)
    if config["trainer"]["compile"]:
        module.by_planes.net.compile()
    trainer = build_trainer(config, run.folder, first_step)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning warns of its own internals and of choices that are meant
        try:
            trainer.fit(module, data, ckpt_path=run.checkpoint)
        except SystemExit as stopped:
            if isinstance(stopped.__context__, KeyboardInterrupt):  # Lightning makes an exit of Ctrl-C
                raise stopped.__context__ from None
            raise


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


def begin(module: DenoisingModule, start: Path) -> None:
    """Give a fresh network the averaged weights of a run, or of a checkpoint. Raises TrainingError."""
    other, _ = load_network(newest_checkpoint(start / "checkpoints") if start.is_dir() else start)
    module.by_planes.net.begin_from(other)


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
        valid_side=crops.tile if net.rule.takes(crops.tile) else crops.side,
    )


def build_pictures(config: Mapping[str, Any]) -> Split:
    """The pictures of a source, reduced and parted as it says."""
    source = open_source(config["name"], {"root": config["root"], **config["settings"]})
    source = Reduced(source, config["reduce"]) if config["reduce"] else source
    return Split(source, **config["split"])


def _noise(config: Mapping[str, Any]) -> str:
    """What a model's card says of the noise that it was trained on."""
    noise = dict(config["noise"])
    return CAPTURED if config["data"].get("shots") == CAPTURED else str(build_noise(noise.pop("name"), noise))


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
    callbacks: list[Callback] = [
        averaging(config["ema"]),
        *live_views(settings, folder),
        Throughput(pixels),
        Samples(folder / "samples"),
        LossCurve(folder),
        KeepBest(folder / "checkpoints", settings["patience"]),
        KeepLast(folder / "checkpoints", every=settings["save_every"]),
        KeepConfig(config, folder / "config.yaml"),
        ExportLast(folder),
    ]
    if logs:
        callbacks.append(LearningRateMonitor(logging_interval="step"))
    if settings["progress"]:
        callbacks.append(StepBar())
    if settings["max_minutes"] is not None:
        callbacks.append(TimeLimit(settings["max_minutes"]))
    try:
        return _trainer(settings, logs, callbacks)
    except (ValueError, RuntimeError, MisconfigurationException) as error:
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
