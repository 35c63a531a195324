"""What a recipe must hold before a run begins, and what is said of a setting that there is not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf
from typing import Any

from degrain.errors import TrainingError

MISSING = "???"  # what Hydra calls a value that has to be given


@dataclass(frozen=True)
class Number:
    """What a setting takes."""

    least: float
    most: float = inf
    whole: bool = False
    optional: bool = False  # null is taken, too
    above: bool = False  # the least itself is too little
    below: bool = False  # the most itself is too much

    def takes(self, value: object) -> bool:
        """Whether a value is such a number."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return value is None and self.optional
        if (self.above and value == self.least) or (self.below and value == self.most):
            return False
        return self.least <= value <= self.most

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        first = f"above {self.least:g}" if self.above else f"from {self.least:g}"
        if self.most == inf:
            last = "" if self.above else " on"
        else:
            last = f"{' and up' if self.above else ''} to {'less than ' if self.below else ''}{self.most:g}"
        return f"{kind} {first}{last}" + (", or null" if self.optional else "")


SHARE, COUNT = Number(0, 1), Number(1, whole=True)
NUMBERS = {
    "seed": Number(0, 2**32 - 1, whole=True),
    "ema": Number(0, 1, below=True),
    "data.side": COUNT,
    "data.tile": COUNT,
    "data.batch": COUNT,
    "data.gray": SHARE,
    "data.blind": SHARE,
    "data.jpegs": Number(0, whole=True),
    "schedule.warmup": Number(0, whole=True),
    "schedule.decay": SHARE,
    "optimizer.lr": Number(0),
    "optimizer.momentum": SHARE,
    "optimizer.weight_decay": Number(0),
    "source.reduce": Number(1, whole=True, optional=True),
    "source.split.valid": SHARE,
    "source.split.test": SHARE,
    "trainer.max_steps": COUNT,
    "trainer.max_minutes": Number(0, 1e7, optional=True, above=True),
    "trainer.patience": Number(1, whole=True, optional=True),
    "trainer.gradient_clip": Number(0, optional=True),
    "trainer.log_every": COUNT,
    "trainer.valid_every": COUNT,
    "trainer.save_every": COUNT,
    "trainer.live_every": COUNT,
    **{f"source.split.limit.{side}": Number(1, whole=True, optional=True) for side in ("train", "valid", "test")},
}
LISTS = {"valid_noises", "trainer.loggers"}  # of texts
TEXTS = {"name", "model.name", "model.network", "objective.loss", "optimizer.name", "source.name"}
PLACES = {"run_dir", "start", "source.root"}  # texts, or null
GROUPS = {
    "model", "model.settings", "source", "source.settings", "source.split", "source.split.limit", "noise", "objective",
    "optimizer", "trainer", "data", "losses", "schedule", "card",
}  # fmt: skip


def check_settings(config: Mapping[str, Any]) -> None:
    """Refuse what would break the run later, in words that name the setting.

    Raises:
        TrainingError: a value is missing, or is no such number, text, list or group.
    """
    for key, value in leaves(config):
        if value == MISSING:
            raise TrainingError(f"{key} has no default and was not given", hint=f"add {key}=...")
        if key in NUMBERS and not NUMBERS[key].takes(value):
            raise TrainingError(f"{key} is {NUMBERS[key]}; got {value!r}")
        if key in LISTS and not (isinstance(value, list) and all(isinstance(text, str) for text in value)):
            raise TrainingError(f"{key} is a list of names, got {value!r}", hint=f"write {key}=[NAME]")
        if (key in TEXTS or (key in PLACES and value is not None)) and not isinstance(value, str):
            raise TrainingError(f"{key} is a text, got {value!r}", hint=f"""write {key}="'{value}'" in a shell""")
        if key in GROUPS:
            raise TrainingError(f"{key} is a group of settings, got {value!r}", hint=f"write {key}.NAME=VALUE")


def check_groups(config: object) -> None:
    """Refuse what is no configuration of a run. Raises TrainingError."""
    for group in ("model", "source", "noise", "objective", "optimizer", "data", "trainer"):
        if not isinstance(config, Mapping) or not isinstance(config.get(group), Mapping):
            raise TrainingError(f"it has no settings of {group}")


def explained(error: Exception, config: Mapping[str, Any]) -> TrainingError:
    """What Hydra or OmegaConf refused, with the next step: the names there are, or the one that was meant.

    Args:
        error: theirs.
        config: any recipe, for the names of its settings.
    """
    options = getattr(error, "options", None)
    if options:
        return TrainingError(
            f"there is no {getattr(error, 'missing_cfg_file', 'such file')}", hint=f"known: {', '.join(options)}"
        )
    message = str(error).strip().splitlines()[0]
    if hasattr(error, "override"):  # it could not even be parsed
        return TrainingError(message, hint="write KEY=VALUE, and a value with brackets or commas in quotes of its own")
    found = re.search(r"override '([^'=]+)", message)
    key = str(getattr(error, "full_key", None) or (found[1] if found else ""))
    close = get_close_matches(key, [name for name, _ in leaves(config)], n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return TrainingError(message, hint=f"{meant}docs/training.md lists the settings")


def leaves(config: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Each value under its dotted key."""
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
