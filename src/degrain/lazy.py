"""Names as strings, imports on first use: "package.module:name" -> the object itself."""

from importlib import import_module
from typing import Any

from degrain.errors import MissingExtra


def load(path: str, extra: str | None = None) -> Any:
    """Import the object that ``path`` names.

    Args:
        path: ``"package.module:name"``.
        extra: the install extra that brings what the module needs, if any.

    Raises:
        MissingExtra: when a dependency of the module is not installed; names the extra.

    >>> load("math:pi") > 3
    True
    """
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except ImportError as error:
        if extra is None:
            raise
        raise MissingExtra(
            f"{name} needs {error.name or 'a package'}, which is not installed",
            hint=f"pip install 'degrain[{extra}]'",
        ) from error
