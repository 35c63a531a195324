"""An ONNX file as a denoiser, run by ONNX Runtime on the CPU.

The contract of the file: inputs ``noisy`` (N, width, H, W) and, where the description wants it, ``level``
(N, 1, H, W); output ``clean`` (N, width, H, W); float32, N, H and W free; the description in its metadata.
"""

import os
from os import PathLike
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime as ort

from degrain.denoisers.onnx_file import read_spec
from degrain.denoisers.planes import from_planes, to_planes
from degrain.errors import ModelError
from degrain.images.scale import Unit

_SILENT = 4  # only fatal errors: the others come as exceptions, once
_OUT_OF_MEMORY = ("allocate memory", "bad_alloc", "bad allocation")  # arena, malloc, Windows


class OnnxDenoiser:
    """A network from an ONNX file.

    Args:
        file: its path or its bytes.
        threads: processor cores to use; None = all.

    Raises:
        ModelError: the file is missing, damaged, not self-contained, without a description, or breaks the contract.
    """

    def __init__(self, file: str | PathLike[str] | bytes, threads: int | None = None) -> None:
        self._made_of = file, threads
        data, name = (file, "the model") if isinstance(file, bytes) else (_read(Path(file)), str(file))
        self.spec = read_spec(data, name)
        self._session = _start(data, threads, name)
        _check_contract(self._session, self.spec.wants_level, name)

    def __call__(self, tiles: Unit, level: Unit) -> Unit:
        """As ``Denoiser`` says. Raises MemoryError when a tile does not fit, ModelError when the network fails."""
        planes = to_planes(tiles, self.spec)
        feed = {"noisy": planes} | ({"level": level} if self.spec.wants_level else {})
        clean = self._run(feed)
        if clean.shape != planes.shape:
            raise ModelError(f"{self.spec.name} turned an input of shape {planes.shape} into {clean.shape}")
        return from_planes(clean, self.spec, tiles.shape[1])

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """For other processes: a session cannot travel, what it is made of can."""
        return type(self), self._made_of

    def _run(self, feed: dict[str, Unit]) -> Unit:
        try:
            return np.asarray(self._session.run(["clean"], feed)[0], np.float32)
        except Exception as error:  # ONNX Runtime's errors have no common base
            if any(words in str(error) for words in _OUT_OF_MEMORY):
                raise MemoryError(f"{self.spec.name} on {feed['noisy'].shape}") from error
            raise ModelError(f"{self.spec.name} failed: {_first_line(error)}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror}", hint="degrain models lists those it knows"
        ) from error


def _start(data: bytes, threads: int | None, name: str) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = min(threads, os.cpu_count() or 1) if threads else 0
    # Memory patterns plan one block for everything: 90 MB more for a tile of 512, and no faster.
    options.enable_mem_pattern = False
    provider = ("CPUExecutionProvider", {"arena_extend_strategy": "kSameAsRequested"})
    try:
        return ort.InferenceSession(data, options, providers=[provider])
    except Exception as error:  # as in _run
        raise ModelError(f"{name} is refused by ONNX Runtime: {_first_line(error)}") from error


def _check_contract(session: ort.InferenceSession, wants_level: bool, name: str) -> None:
    wanted = ["noisy", "level"] if wants_level else ["noisy"]
    inputs, outputs = [each.name for each in session.get_inputs()], [each.name for each in session.get_outputs()]
    if sorted(inputs) != sorted(wanted) or "clean" not in outputs:
        raise ModelError(
            f"{name} must take {' and '.join(wanted)} and give clean; it takes {inputs} and gives {outputs}",
            hint="export it again: degrain export",
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
