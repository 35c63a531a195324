"""Pictures in a folder tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from degrain.errors import TrainingError
from degrain.images.formats import SUFFIXES
from degrain.sources.files import FileItem, file_items, pictures_in, the_folder


@dataclass(frozen=True)
class Folder:
    """Every picture below a folder.

    Attributes:
        root: the folder.
        include: folders below the root to take; ``""`` is the root itself.
        pattern: glob that a file's path below its included folder must match.
        group_by: ``"file"``, or ``"folder"`` when the files of one folder show the same scene or patient.

    Raises:
        TrainingError: on an unknown way to group, or one word for a list.
    """

    root: str | Path
    include: Sequence[str] = ("",)
    pattern: str = "**/*"
    group_by: Literal["file", "folder"] = "file"

    def __post_init__(self) -> None:
        if isinstance(self.include, str):
            raise TrainingError(f"include is a list of folders, got {self.include!r}", hint=f'write ["{self.include}"]')
        if self.group_by not in ("file", "folder"):
            raise TrainingError(f"pictures are grouped by 'file' or 'folder', got group_by={self.group_by!r}")

    def items(self) -> Sequence[FileItem]:
        """The pictures, sorted by key; no file is opened.

        Raises:
            TrainingError: a folder is missing, or there is no picture.
        """
        root = Path(self.root)
        files = [path for name in self.include for path in pictures_in(the_folder(root, name), self.pattern)]
        if not files:
            raise TrainingError(
                f"there is no picture in {root} that matches {self.pattern!r}",
                hint=f"known suffixes: {' '.join(SUFFIXES)}",
            )
        return file_items(root, files, str if self.group_by == "file" else _parent)

    def missing(self) -> Sequence[str]:
        """Nothing: a folder is whatever it holds."""
        return ()


def _parent(key: str) -> str:
    return PurePosixPath(key).parent.as_posix()
