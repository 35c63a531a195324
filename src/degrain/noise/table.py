"""Noise models by name, and their short form on the command line: ``gaussian:sigma=25`` or ``gaussian:sigma=5..50``."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from degrain import lazy
from degrain.errors import NoiseError
from degrain.noise.base import NoiseModel, Range, Setting

NOISES = {
    "gaussian": "degrain.noise.gaussian:Gaussian",
}


def parse(text: str) -> NoiseModel:
    """The noise model that ``NAME`` or ``NAME:KEY=VALUE,KEY=LOW..HIGH`` describes.

    Raises:
        NoiseError: unknown name or key, or a value that is no number.

    >>> parse("gaussian:sigma=25").level
    0.09803921568627451
    """
    name, _, rest = text.partition(":")
    return build(name, dict(_setting(part, text) for part in rest.split(",") if part))


def build(name: str, settings: Mapping[str, Any]) -> NoiseModel:
    """The noise model of that name; ``[LOW, HIGH]`` is a range, ``[LOW, HIGH, log]`` one even in the logarithm.

    Raises:
        NoiseError: unknown name or setting, or a value that the model does not take.
    """
    if name not in NOISES:
        raise NoiseError(f"unknown noise {name!r}", hint=f"known: {', '.join(sorted(NOISES))}")
    model = lazy.load(NOISES[name])
    known = [field.name for field in fields(model)]
    for key in settings.keys() - known:
        raise NoiseError(f"{name} has no {key!r}", hint=f"it has: {', '.join(known)}")
    noise: NoiseModel = model(**{key: _range(key, value) for key, value in settings.items()})
    return noise


def _range(key: str, value: Any) -> Setting:
    try:
        match value:
            case int() | float():
                return float(value)
            case [int() | float() as low, int() | float() as high]:
                return Range(low, high)
            case [int() | float() as low, int() | float() as high, "log"]:
                return Range(low, high, log=True)
    except NoiseError as error:
        raise NoiseError(f"{key}: {error}") from error
    raise NoiseError(f"cannot read {key}={value!r}", hint="write a number, [LOW, HIGH] or [LOW, HIGH, log]")


def _setting(part: str, text: str) -> tuple[str, Any]:
    key, _, value = part.partition("=")
    try:
        ends = [float(end) for end in value.split("..")]
    except ValueError:
        ends = []
    if len(ends) not in (1, 2) or not all(abs(end) < float("inf") for end in ends):
        raise NoiseError(f"cannot read {part!r} in {text!r}", hint="write it like gaussian:sigma=25 or sigma=5..50")
    return key.strip(), ends[0] if len(ends) == 1 else ends
