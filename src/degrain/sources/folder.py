"""Pictures in a folder tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from degrain.errors import TrainingError
from degrain.images.formats import SUFFIXES
from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.sources.base import Split
from degrain.sources.split import side


@dataclass(frozen=True)
class FolderItem:
    """One picture file.

    Attributes:
        path: the file.
        key: its path below the root, with forward slashes.
        group: what it shares with the files that must stay on its side of a split.
    """

    path: Path
    key: str
    group: str

    def load(self) -> Picture:
        """Open it. Raises UnreadableImage."""
        return read(self.path)


@dataclass(frozen=True)
class Folder:
    """Every picture below a folder, split by a hash of its group: files added later move none of the others.

    Attributes:
        root: the folder.
        include: folders below the root to take; ``""`` is the root itself.
        pattern: glob that a file's path below its included folder must match.
        group_by: ``"file"``, or ``"folder"`` when the files of one folder show the same scene or patient.
        valid: share of the groups held out for validation, 0 to 1.

    Raises:
        TrainingError: on a share out of range or an unknown way to group.
    """

    root: str | Path
    include: Sequence[str] = ("",)
    pattern: str = "**/*"
    group_by: Literal["file", "folder"] = "file"
    valid: float = 0.05

    def __post_init__(self) -> None:
        if not 0 <= self.valid <= 1:
            raise TrainingError(f"the share held out for validation goes from 0 to 1, got valid={self.valid}")
        if self.group_by not in ("file", "folder"):
            raise TrainingError(f"pictures are grouped by 'file' or 'folder', got group_by={self.group_by!r}")

    def items(self, split: Split) -> Sequence[FolderItem]:
        """The pictures of one split, sorted by key; no file is opened.

        Raises:
            TrainingError: a folder is missing, or there is no picture in the split.
        """
        every = [self._item(path) for path in sorted(self._files(), key=self._key)]
        chosen = [item for item in every if split in ("all", side(item.group, self.valid))]
        if not chosen:
            raise TrainingError(
                f"no picture to take from {self.root}: {len(every)} match {self.pattern!r}, none is in split {split!r}",
                hint=f"known suffixes: {' '.join(SUFFIXES)}"
                if not every
                else f"change valid={self.valid}, or add some",
            )
        return chosen

    def _files(self) -> set[Path]:
        files = (path for folder in self.include for path in self._folder(folder).glob(self.pattern))
        return {path for path in files if self._is_picture(path)}

    def _folder(self, name: str) -> Path:
        folder = Path(self.root) / name
        if not folder.is_dir() or not folder.is_relative_to(self.root):
            raise TrainingError(f"there is no folder {f'{name} in {self.root}' if name else self.root}")
        return folder

    @staticmethod
    def _is_picture(path: Path) -> bool:
        hidden = path.name.startswith(".")  # such as the ._name.png that some systems leave
        return path.suffix.lower() in SUFFIXES and not hidden and path.is_file()

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _item(self, path: Path) -> FolderItem:
        key = self._key(path)
        return FolderItem(path, key, key if self.group_by == "file" else PurePosixPath(key).parent.as_posix())
