"""Pickles that may hold data and nothing else: loading one never runs what it names.

Of all that a pickle can call, three things are answered, and not by NumPy but by stand-ins that know 8-bit arrays only;
a pickle that names anything else is refused.
"""

import pickle
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


class NotPlain(Exception):
    """A pickle that is damaged, or holds more than plain data."""


def load_plain(file: IO[bytes]) -> Any:
    """What the pickle holds: None, bool, int, float, bytes, str, list, tuple, dict, set, and uint8 arrays.

    Args:
        file: a pickle of any protocol; strings of Python 2 come back as bytes.

    Raises:
        NotPlain: it names a class or function, is cut short, or is no pickle.
    """
    try:
        return _arrays(_Plain(file, encoding="bytes").load())
    except NotPlain:
        raise
    except Exception as error:  # a damaged pickle raises whatever it likes
        raise NotPlain(f"damaged, or no pickle ({type(error).__name__})") from error


class _Array:
    """What an ndarray is pickled as: made empty, then given its state."""

    def __setstate__(self, state: tuple[int, tuple[int, ...], "_Uint8", bool, bytes]) -> None:
        _, shape, dtype, fortran, data = state
        if not isinstance(dtype, _Uint8):
            raise NotPlain("it holds an array of unknown kind")
        self.array = np.frombuffer(data, np.uint8).reshape(shape, order="F" if fortran else "C")


class _Uint8:
    """The one dtype there is; the rest of its state says nothing about single bytes."""

    def __init__(self, name: str | bytes, *_: object) -> None:
        if name not in ("u1", b"u1", "uint8"):
            raise NotPlain(f"it holds an array of {name!r}, and only 8-bit ones are expected")

    def __setstate__(self, state: object) -> None:
        pass


def _reconstruct(*_: object) -> _Array:
    return _Array()


def _encode(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes into a pickle of Python 2."""
    return text.encode("latin1")


def _ndarray() -> None:
    raise NotPlain("it holds an array of unknown kind")


STAND_INS = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _ndarray,
    ("numpy", "dtype"): _Uint8,
    ("_codecs", "encode"): _encode,
}


class _Plain(pickle.Unpickler):  # find_class is what makes it safe
    def find_class(self, module: str, name: str) -> Any:
        try:
            return STAND_INS[module, name]
        except KeyError:
            raise NotPlain(f"it names {module}.{name}: such a pickle could run code, so it is not loaded") from None


def _arrays(value: Any) -> Any:
    """Stand-ins become arrays, at any depth of dictionaries and lists."""
    match value:
        case _Array():
            return value.array
        case dict():
            return {key: _arrays(inner) for key, inner in value.items()}
        case list():
            return [_arrays(inner) for inner in value]
        case _:
            return value
