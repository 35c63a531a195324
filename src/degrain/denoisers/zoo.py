"""Every denoiser by name: models that come with degrain, classical methods, and files by their suffix."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike, fspath
from pathlib import Path, PurePath
from typing import Literal

from degrain.denoisers.base import Denoiser
from degrain.denoisers.onnx_file import read_spec
from degrain.errors import ModelError
from degrain.lazy import load
from degrain.spec import ModelSpec
from degrain.storage.run_folder import RunFolder

WHITE, COARSE = "small", "photo"  # bundled: for white noise, and for that of cameras
AUTO = "auto"  # whichever suits the noise found; a Cleaning knows it

_NETWORK = "degrain.denoisers.onnx_denoiser:OnnxDenoiser"
_CLASSICAL = {
    "bm3d": "degrain.denoisers.classical_denoiser:Bm3d",
    "nlm": "degrain.denoisers.classical_denoiser:NonLocalMeans",
    "tv": "degrain.denoisers.classical_denoiser:TotalVariation",
    "wavelet": "degrain.denoisers.classical_denoiser:WaveletShrinkage",
}
_SUFFIXES = {  # suffix -> the class that opens such a file, and the extra it needs
    ".ckpt": ("degrain.export.torch_denoiser:TorchDenoiser", "train"),
    ".onnx": (_NETWORK, None),
}


@dataclass(frozen=True)
class Listing:
    """One line of the table of models.

    Attributes:
        name: what ``open_denoiser`` takes.
        kind: a network that comes with degrain, or a classical method.
        spec: what it says of itself; its card has the paper, the licence, the scores.
    """

    name: str
    kind: Literal["network", "classical"]
    spec: ModelSpec


def open_denoiser(name: str | PathLike[str], threads: int | None = None) -> Denoiser:
    """Open a denoiser by its name or its file.

    Args:
        name: a name from ``list_models``, or the path of an ``.onnx`` or ``.ckpt`` file or of a run's folder.
        threads: processor cores for a network; None = all.

    Raises:
        ModelError: unknown name, or a file that cannot be used.
        TrainingError: a checkpoint that cannot be used.
        MissingExtra: what it needs is not installed.
    """
    if not isinstance(name, (str, PathLike)) or not fspath(name):
        raise ModelError(f"a model is a name or the path of a file, got {name!r}", hint="degrain models lists names")
    name = fspath(name)
    networks, suffix = bundled(), PurePath(name).suffix.lower()
    if name in networks:
        return load(_NETWORK)(networks[name].read_bytes(), threads)  # type: ignore[no-any-return]
    if name in _CLASSICAL:
        return load(_CLASSICAL[name])()  # type: ignore[no-any-return]
    if suffix in _SUFFIXES:
        path, extra = _SUFFIXES[suffix]
        return load(path, extra)(name, threads)  # type: ignore[no-any-return]
    with suppress(OSError):  # a name that no file can have
        if (of_a_run := RunFolder(Path(name)).model).is_file():
            return load(_NETWORK)(of_a_run, threads)  # type: ignore[no-any-return]
    raise unknown(name, [*networks, *_CLASSICAL])


def list_models() -> Iterator[Listing]:
    """All denoisers that have a name, networks first. Nothing heavy is imported, no network is started."""
    for name, file in bundled().items():
        yield Listing(name, "network", read_spec(file.read_bytes(), name))
    for name, path in _CLASSICAL.items():
        yield Listing(name, "classical", load(path).spec)


def bundled() -> dict[str, Traversable]:
    """The networks that come with degrain: name -> file."""
    folder = files("degrain.denoisers") / "weights"
    return {PurePath(file.name).stem: file for file in sorted(folder.iterdir(), key=str) if file.name.endswith(".onnx")}


def unknown(name: str, known: list[str]) -> ModelError:
    """What to say of a name that is none."""
    if name == AUTO:
        return ModelError(
            "auto chooses a model for each picture, and here one is meant", hint=f"try {WHITE} or {COARSE}"
        )
    close = get_close_matches(name, known, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return ModelError(
        f"no denoiser is called {name}; known are {', '.join(known)}",
        hint=f"{meant}a file of your own ends in {' or '.join(_SUFFIXES)}",
    )
