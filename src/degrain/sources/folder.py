"""Pictures in a folder tree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from degrain.errors import TrainingError
from degrain.images.formats import SUFFIXES
from degrain.sources.files import FileItem, file_items, naming, pictures_in, stem, the_folder

OWN = "pictures of your own: source=folder source.root=photos/; docs/training.md says what DEGRAIN_DATA holds"


@dataclass(frozen=True)
class Folder:
    """Every picture below a folder.

    Attributes:
        root: the folder.
        include: folders below the root to take; ``""`` is the root itself.
        pattern: glob that a file's path below its included folder must match.
        group_by: what pictures of the same scene or patient share: ``"file"`` where there are none, ``"folder"``, or a
            regular expression over a file's path below the root, without suffix, whose one group names it:
            ``(patient[0-9]+)_.+``. A file that does not match is a group of its own.

    Raises:
        TrainingError: on an unknown way to group, or one word for a list.
    """

    root: str | Path
    include: Sequence[str] = ("",)
    pattern: str = "**/*"
    group_by: str = "file"

    def __post_init__(self) -> None:
        if isinstance(self.include, str):
            raise TrainingError(f"include is a list of folders, got {self.include!r}", hint=f'write ["{self.include}"]')
        self._group()

    def items(self) -> Sequence[FileItem]:
        """The pictures, sorted by key; no file is opened.

        Raises:
            TrainingError: a folder is missing, or there is no picture.
        """
        root = Path(self.root)
        folders = [the_folder(root, name, hint=OWN if name else None) for name in self.include]
        files = [path for folder in folders for path in pictures_in(folder, self.pattern)]
        if not files:
            raise TrainingError(
                f"there is no picture in {root} that matches {self.pattern!r}",
                hint=f"known suffixes: {' '.join(SUFFIXES)}",
            )
        return file_items(root, files, self._group())

    def missing(self) -> Sequence[str]:
        """Nothing: a folder is whatever it holds."""
        return ()

    def _group(self) -> Callable[[str], str]:
        """Of a file's key."""
        match self.group_by:
            case "file":
                return str
            case "folder":
                return lambda key: PurePosixPath(key).parent.as_posix()
        named = naming(f"group_by is file, folder or a regular expression; {self.group_by!r}", self.group_by)
        return lambda key: named(stem(key)) or key
