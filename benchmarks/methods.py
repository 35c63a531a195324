"""Who takes part in benchmarks/tables.py, by name, and how to tell it from an earlier one of that name."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from degrain.denoisers.base import Denoiser
from degrain.denoisers.zoo import list_models, open_denoiser
from degrain.errors import MissingExtra, ModelError
from degrain.evaluation.benchmark import NOISY

NETWORK, CLASSICAL = "network", "classical"
WEIGHTS = files("degrain.denoisers") / "weights"
PACKAGES = {"wavelet": "scikit-image", "tv": "scikit-image", "nlm": "scikit-image", "bm3d": "bm3d"}  # slowest last


@dataclass(frozen=True, eq=False)
class Method:
    """One that takes part.

    Attributes:
        name: in the tables.
        source: its name or file, as ``open_denoiser`` takes it.
        identity: what its rows depend on: the digest of its file, or its package with the version.
        denoisers: itself by its name; none for the picture that nothing is done to.
        tells: whether it is told sigma; both where it is measured blind as well.
        kind: ``NETWORK``, ``CLASSICAL``, or empty.
    """

    name: str
    source: str
    identity: str
    denoisers: Mapping[str, Denoiser]
    tells: Sequence[bool]
    kind: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others, today's and earlier ones."""
        return self.name, self.identity


class Line(NamedTuple):
    """One line of a table: a method, told sigma or not."""

    method: Method
    told: bool

    @property
    def name(self) -> str:
        """In tables and plots."""
        return self.method.name if self.told else f"{self.method.name}, blind"


def methods(models: Sequence[Path], threads: int) -> dict[str, Method]:
    """All by name: nothing done, the bundled networks, files, and the classical methods that are installed.

    Raises:
        ModelError: a file that cannot be used, or two with one name.
    """
    found: dict[str, Method] = {}
    for method in _all(models, threads):
        if method.name in found:
            raise ModelError(f"two models are called {method.name}", hint="rename the file of one")
        found[method.name] = method
    return found


def chosen(names: Sequence[str] | None, everyone: Mapping[str, Method]) -> list[Method]:
    """Those of the names, None for all. Raises ModelError for a name that nobody has."""
    for name in names or ():
        if name not in everyone:
            raise ModelError(f"no method is called {name}", hint=f"there are {', '.join(everyone)}")
    return [everyone[name] for name in (everyone if names is None else names)]


def _all(models: Sequence[Path], threads: int) -> Iterator[Method]:
    yield Method(NOISY, "", "", {}, [True], "")
    for listing in list_models():
        if listing.kind == NETWORK:
            yield _network(listing.name, listing.name, WEIGHTS / f"{listing.name}.onnx", threads)
    for path in models:
        yield _network(path.stem, str(path), path, threads)
    for name, package in PACKAGES.items():
        try:
            denoiser = open_denoiser(name)
        except MissingExtra as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
        else:
            yield Method(name, name, f"{package} {version(package)}", {name: denoiser}, [True], CLASSICAL)


def _network(name: str, source: str, file: Traversable, threads: int) -> Method:
    denoiser = open_denoiser(source, threads)
    tells = [True, False] if denoiser.spec.wants_level else [False]
    return Method(name, source, sha256(file.read_bytes()).hexdigest(), {name: denoiser}, tells, NETWORK)
