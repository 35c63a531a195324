"""What a run is to do: the recipes under ``conf/``, changed by ``key=value``, fresh or on top of the run it resumes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from hydra import compose, initialize_config_module
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from degrain.errors import TrainingError
from degrain.storage.run_folder import RunFolder
from degrain.training.checkpoints import mended
from degrain.training.precision import resolved
from degrain.training.processes import is_first, told_folder
from degrain.training.settings import check_groups, check_settings, explained, leaves

KEPT = [
    "model", "source.name", "source.split", "source.settings.group_by", "source.settings.scene", "optimizer.name",
    "objective.name", "noise.name", "run_dir", "start",
]  # fmt: skip
"""What would make another run of one: its weights would not fit, or it would be tested on what it has trained on."""


@dataclass(frozen=True)
class Run:
    """A configured run and where it continues from."""

    config: DictConfig
    folder: Path
    checkpoint: Path | None  # None = from the start
    own: bool = False  # the folder is named by the time, and must be a new one


def compose_run(overrides: Sequence[str]) -> Run:
    """The configuration that the overrides make, fresh or on top of the run that ``resume=RUN_DIR`` names.

    Raises:
        TrainingError: a setting that there is not, or a folder that cannot be used.
    """
    resume = [Path(text.removeprefix("resume=")) for text in overrides if text.startswith("resume=")]
    rest = [text for text in overrides if not text.startswith("resume=")]
    try:
        return _resumed(resume[-1], rest) if resume else _fresh(rest)
    except (HydraException, OmegaConfBaseException) as error:
        raise explained(error, plain(_composed("train"))) from error


def _fresh(overrides: Sequence[str]) -> Run:
    config = _composed("train", overrides)
    check_settings(plain(config))
    return Run(_with_precision(config), _fresh_folder(config), None, own=not config.run_dir)


def _resumed(folder: Path, overrides: Sequence[str]) -> Run:
    run = RunFolder(folder)
    config = saved_config(run)
    before = plain(config)
    for text in overrides:
        try:
            config.merge_with_dotlist([text])
        except YAMLError as error:
            raise TrainingError(f"the value of {text} cannot be read", hint="write it as in config.yaml") from error
    _refuse_other(before, plain(config), folder)
    check_settings(plain(config))
    saved = any(run.saved())  # a run that was killed before its first save begins anew
    return Run(_with_precision(config), folder, mended(run) if saved else None)


def _composed(name: str, overrides: Sequence[str] = ()) -> DictConfig:
    with initialize_config_module("degrain.conf", version_base="1.3"):
        return compose(name, list(overrides))


def saved_config(run: RunFolder) -> DictConfig:
    """What a run was started with; settings that have come up since then take their defaults.

    Raises:
        TrainingError: there is no ``config.yaml``, or it is none of ours.
    """
    try:
        saved = OmegaConf.load(run.config)
        check_groups(OmegaConf.to_container(saved))
        config = OmegaConf.merge(_defaults(), saved)
    except FileNotFoundError:
        raise TrainingError(f"{run.path} is not a run: no {run.config.name} is in it", hint="give a run's") from None
    except (OSError, OmegaConfBaseException, YAMLError, ValueError, TrainingError) as error:
        raise TrainingError(f"{run.config} cannot be used: {str(error).splitlines()[0]}") from error
    OmegaConf.set_struct(config, True)  # a misspelt key is an error, as in a fresh run
    return cast(DictConfig, config)


def _defaults() -> DictConfig:
    """Of all that does not hang on the recipe."""
    config = _composed("train")
    OmegaConf.set_struct(config, False)
    for chosen in ("name", "model", "source", "noise", "objective", "optimizer", "card"):
        del config[chosen]
    return config


def _refuse_other(before: dict[str, Any], after: dict[str, Any], folder: Path) -> None:
    """A resumed run keeps its network, place and split. Raises TrainingError."""
    was, now = dict(leaves(before)), dict(leaves(after))
    for key in sorted({*was, *now}):
        if was.get(key) != now.get(key) and any(f"{key}.".startswith(f"{kept}.") for kept in KEPT):
            raise TrainingError(
                f"a resumed run keeps its {key}: {was.get(key)}, not {now.get(key)}",
                hint=f"leave it out, or begin a new run with what this one has learnt: start={folder}",
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
    if any(RunFolder(folder).saved()):
        raise TrainingError(f"{folder} holds a run already", hint=f"go on with resume={folder}, or name another")
    return folder


def plain(config: DictConfig) -> dict[str, Any]:
    """Resolved, as dictionaries and lists."""
    return cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
