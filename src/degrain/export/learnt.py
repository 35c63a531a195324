"""What has been learnt before, wherever it is kept: in a bundled model, a run, a checkpoint or an exported file."""

from pathlib import Path

from degrain.denoisers.zoo import bundled
from degrain.errors import TrainingError
from degrain.export.checkpoint import Recipe, load_network
from degrain.export.onnx import read_onnx
from degrain.models.base import DenoisingNet


def learnt_network(name: str) -> tuple[DenoisingNet, Recipe]:
    """A trained network and how it came to be.

    Args:
        name: of a bundled model, or the path of a run, a checkpoint or an exported file.

    Raises:
        TrainingError: there is nothing of that name, or training cannot take it up.
        ModelError: an exported file that cannot be used.
    """
    if name in bundled():
        return read_onnx(bundled()[name].read_bytes(), name)
    path = Path(name)
    try:
        if path.is_file() and path.suffix.lower() == ".onnx":
            return read_onnx(path.read_bytes(), name)
        path.stat()
    except (OSError, ValueError) as error:
        known = f"known are {', '.join(bundled())}, and the path of a run, a checkpoint or an exported file"
        why = getattr(error, "strerror", None) or error
        raise TrainingError(f"there is no trained network {name!r}: {why}", hint=known) from error
    return load_network(path)
