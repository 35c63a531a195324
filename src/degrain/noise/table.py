"""Noise models by name, and their short form.

    NAME                        a noise with its defaults
    NAME:KEY=VALUE,KEY=VALUE    gaussian:sigma=25
    KEY=LOW..HIGH               drawn evenly for each picture; LOW..HIGH..log evenly in the logarithm
    NOISE+NOISE                 one after the other: poisson:peak=30+gaussian:sigma=5
    NOISE|NOISE                 one or the other, drawn for each picture; + binds closer

In YAML a range is ``[LOW, HIGH]`` or ``[LOW, HIGH, log]``, and several noises are ``name: chain`` with a list of
``links``, or ``name: either`` with a list ``of`` them. Names for them are welcome in place of a list, so that a recipe
can compose them from others (``conf/noise/photo.yaml``).
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from degrain import lazy
from degrain.errors import NoiseError
from degrain.noise.base import NoiseModel, Range

NOISES = {
    "camera": "degrain.noise.camera:Camera",
    "chain": "degrain.noise.chain:Chain",
    "correlated": "degrain.noise.correlated:Correlated",
    "either": "degrain.noise.either:Either",
    "gaussian": "degrain.noise.gaussian:Gaussian",
    "jpeg": "degrain.noise.jpeg:Jpeg",
    "masking": "degrain.noise.impulse:Masking",
    "mottle": "degrain.noise.mottle:Mottle",
    "poisson": "degrain.noise.poisson:Poisson",
    "poisson_gaussian": "degrain.noise.poisson:PoissonGaussian",
    "quantise": "degrain.noise.quantise:Quantise",
    "salt_and_pepper": "degrain.noise.impulse:SaltAndPepper",
    "speckle": "degrain.noise.speckle:Speckle",
    "uniform": "degrain.noise.uniform:Uniform",
}
_PLUS = re.compile(r"(?<![\d.]e)\+", re.IGNORECASE)  # not the one of 1e+3


def parse(text: str) -> NoiseModel:
    """The noise model that the short form describes; ``str`` gives the short form back, numbers with six digits.

    Raises:
        NoiseError: unknown name or key, or a value that the noise does not take.

    >>> parse("gaussian:sigma=25").level.sigma
    25.0
    >>> str(parse("poisson:peak=30+gaussian:sigma=5..50"))
    'poisson:peak=30+gaussian:sigma=5..50'
    """
    noises = [[_link(part) for part in _PLUS.split(one)] for one in text.split("|")]
    chains = [links[0] if len(links) == 1 else {"name": "chain", "links": links} for links in noises]
    return described(chains[0]) if len(chains) == 1 else build("either", {"of": chains})


def described(noise: Mapping[str, Any]) -> NoiseModel:
    """The noise model that a mapping describes as YAML does: its name, beside its settings.

    Raises:
        NoiseError: unknown name or setting, or a value that the noise does not take.
    """
    return build(noise.get("name", ""), {key: value for key, value in noise.items() if key != "name"})


def build(name: str, settings: Mapping[str, Any]) -> NoiseModel:
    """The noise model of that name, its settings as in YAML.

    Raises:
        NoiseError: unknown name or setting, or a value that the noise does not take.
    """
    path = NOISES.get(str(name))
    if path is None:
        raise NoiseError(f"unknown noise {name!r}", hint=f"known: {', '.join(NOISES)}")
    model = lazy.load(path)
    known = [field.name for field in fields(model)]
    for key in settings.keys() - known:
        raise NoiseError(f"{name} has no {key!r}", hint=f"it has: {', '.join(known)}")
    noise: NoiseModel = model(**{key: _value(key, value) for key, value in settings.items()})
    return noise


def _value(key: str, value: Any) -> Any:
    """A number, a range, or noises."""
    match value:
        case bool():
            pass
        case int() | float():
            return float(value)
        case [int() | float() as low, int() | float() as high]:
            return _range(key, low, high)
        case [int() | float() as low, int() | float() as high, "log"]:
            return _range(key, low, high, log=True)
        case [*noises] if all(isinstance(noise, Mapping) for noise in noises):
            return tuple(map(described, noises))
        case Mapping() as named if all(isinstance(noise, Mapping) for noise in named.values()):
            return _value(key, list(named.values()))
        case [*_] | Mapping() if key in ("links", "of"):
            raise NoiseError(
                f"cannot read {key}={value!r}", hint="each noise is a mapping, as {name: gaussian, sigma: 25}"
            )
    raise NoiseError(f"cannot read {key}={value!r}", hint="write a number, [LOW, HIGH] or [LOW, HIGH, log]")


def _range(key: str, low: float, high: float, log: bool = False) -> Range:
    try:
        return Range(low, high, log)
    except NoiseError as error:
        raise NoiseError(f"{key}: {error}", hint=f"write it like {key}=5..50") from error


def _link(text: str) -> dict[str, Any]:
    """``NAME:KEY=VALUE,...`` as YAML has it."""
    name, _, rest = text.strip().partition(":")
    settings = [_setting(part) for part in rest.split(",") if part]
    if len(dict(settings)) < len(settings):
        raise NoiseError(f"{text.strip()} has a setting twice", hint="two noises, one after the other, are joined by +")
    return {"name": name, **dict(settings)}


def _setting(part: str) -> tuple[str, Any]:
    key, _, value = part.partition("=")
    try:
        ends = [end if end == "log" else float(end) for end in value.split("..")]
    except ValueError:
        ends = []
    if not ends:
        raise NoiseError(f"cannot read {part!r}", hint="write it like gaussian:sigma=25 or gaussian:sigma=5..50")
    return key.strip(), ends[0] if len(ends) == 1 else ends
