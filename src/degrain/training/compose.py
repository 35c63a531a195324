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

from degrain.errors import TrainingError
from degrain.training.checkpoints import mended
from degrain.training.precision import resolved
from degrain.training.processes import is_first, told_folder
from degrain.training.settings import check_settings, explained

KEPT = ("model.", "source.split.", "optimizer.name", "objective.name", "noise.name", "run_dir", "start")
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
    if not (folder / "config.yaml").exists():
        raise TrainingError(f"{folder} is not a run: it has no config.yaml", hint="give the folder of a run")
    config = _saved(folder)
    _refuse_other(config, overrides)
    config.merge_with_dotlist(list(overrides))
    check_settings(plain(config))
    checkpoints = folder / "checkpoints"
    saved = any(checkpoints.glob("*.ckpt"))  # a run that was killed before its first save begins anew
    return Run(_with_precision(config), folder, mended(checkpoints) if saved else None)


def _composed(name: str, overrides: Sequence[str] = ()) -> DictConfig:
    with initialize_config_module("degrain.conf", version_base="1.3"):
        return compose(name, list(overrides))


def _saved(folder: Path) -> DictConfig:
    """What a run was started with; settings of the trainer that have come up since then take their defaults."""
    defaults = _composed("trainer/default")
    OmegaConf.set_struct(defaults, False)
    saved = cast(DictConfig, OmegaConf.merge(defaults, OmegaConf.load(folder / "config.yaml")))
    OmegaConf.set_struct(saved, True)  # a misspelt key is an error, as in a fresh run
    return saved


def _refuse_other(config: DictConfig, overrides: Sequence[str]) -> None:
    """A resumed run keeps its network, place and split, and ``noise=poisson`` would replace a whole group by a word."""
    for text in overrides:
        key, _, value = text.partition("=")
        if key.startswith(KEPT):
            raise TrainingError(
                f"a resumed run keeps its {key}, got {text}", hint=f"begin a new one: start=RUN_DIR {text}"
            )
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


def plain(config: DictConfig) -> dict[str, Any]:
    """Resolved, as dictionaries and lists."""
    return cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
