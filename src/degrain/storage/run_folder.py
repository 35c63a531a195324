"""What a training run leaves in its folder, by name: who writes it and who reads it ask here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LAST, PREVIOUS, BEST = "last.ckpt", "previous.ckpt", "best.ckpt"


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run, begun or ended.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def config(self) -> Path:
        """What is run, resolved; written when training begins."""
        return self.path / "config.yaml"

    @property
    def checkpoints(self) -> Path:
        """The folder of ``LAST``, ``PREVIOUS`` and ``BEST``."""
        return self.path / "checkpoints"

    @property
    def metrics(self) -> Path:
        """Step, name, value."""
        return self.path / "metrics.csv"

    @property
    def samples(self) -> Path:
        """The folder of held-out pictures as they came out."""
        return self.path / "samples"

    @property
    def model(self) -> Path:
        """The averaged weights, once the run has ended."""
        return self.path / "model.onnx"

    @property
    def lock(self) -> Path:
        """Held while a process trains."""
        return self.path / ".lock"

    def begun(self) -> bool:
        """Whether a run has begun here; any folder may hold a ``config.yaml``."""
        return self.config.is_file() and self.checkpoints.is_dir()

    def saved(self) -> Iterator[Path]:
        """The checkpoints that there are, the one to go on from first."""
        return (path for name in (LAST, PREVIOUS, BEST) if (path := self.checkpoints / name).exists())
