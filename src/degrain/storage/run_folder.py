"""What a training run leaves in its folder, by name: who writes it and who reads it ask here."""

from collections.abc import Iterator
from pathlib import Path

LAST, PREVIOUS, BEST = "last.ckpt", "previous.ckpt", "best.ckpt"


class RunFolder:
    """The folder of a run, begun or ended.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"  # what is run, resolved; written when training begins
        self.checkpoints = path / "checkpoints"  # folder of LAST, PREVIOUS and BEST
        self.metrics = path / "metrics.csv"  # step, name, value
        self.curves = path / "loss.png"  # drawn from them
        self.samples = path / "samples"  # folder of held-out pictures as they came out
        self.model = path / "model.onnx"  # the averaged weights, once the run has ended
        self.lock = path / ".lock"  # held while a process trains

    def begun(self) -> bool:
        """Whether a run has begun here; any folder may hold a ``config.yaml``."""
        return self.config.is_file() and self.checkpoints.is_dir()

    def saved(self) -> Iterator[Path]:
        """The checkpoints that there are, the one to go on from first."""
        return (path for name in (LAST, PREVIOUS, BEST) if (path := self.checkpoints / name).exists())
