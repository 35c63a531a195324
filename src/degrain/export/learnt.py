"""What has been learnt before, wherever it is kept: in a bundled model, a run, a checkpoint or an exported file."""

from difflib import get_close_matches
from pathlib import Path

from degrain.denoisers.zoo import bundled
from degrain.errors import TrainingError
from degrain.export.checkpoint import load_network
from degrain.export.onnx import read_onnx
from degrain.models.base import DenoisingNet


def learnt_network(name: str) -> DenoisingNet:
    """A trained network.

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
        path.stat()
        exported = path.read_bytes() if path.is_file() and path.suffix.lower() == ".onnx" else None
    except (OSError, ValueError) as error:
        close = get_close_matches(name, bundled(), n=1)
        raise TrainingError(
            f"there is no trained network {name!r}: {getattr(error, 'strerror', None) or error}",
            hint=f"did you mean {close[0]}?" if close else f"bundled are {', '.join(bundled())}",
        ) from error
    return load_network(path)[0] if exported is None else read_onnx(exported, name)
