"""Picture files as items: what every source that lies in folders is made of."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from degrain.errors import TrainingError
from degrain.images.formats import SUFFIXES
from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.sources.base import Item, Scene, Side
from degrain.sources.changed import ChangedItem
from degrain.storage.places import is_picture


@dataclass(frozen=True)
class FileItem:
    """One picture file.

    Attributes:
        path: the file.
        key: its path below the root, with forward slashes.
        group: what it shares with the files that must stay on its side of a split.
        side: where the makers of the data set put it, if they did.
    """

    path: Path
    key: str
    group: str
    side: Side | None = None

    def load(self) -> Picture:
        """Open it. Raises UnreadableImage."""
        return read(self.path)


def file_items(
    root: Path,
    paths: Iterable[Path],
    group: Callable[[str], str] = str,
    side: Callable[[str], Side | None] = lambda key: None,
) -> list[FileItem]:
    """The files as items, each once, sorted by key.

    Args:
        root: the folder that the keys start from.
        paths: files below it.
        group: of a key; each file is a group of its own unless told otherwise.
        side: of a key; none unless told otherwise.
    """
    keys = sorted({path.relative_to(root).as_posix() for path in paths})
    return [FileItem(root / key, key, group(key), side(key)) for key in keys]


def path_of(item: Item) -> Path | None:
    """The file whose picture an item loads, seen through all that wraps it; None where there is no file of its own."""
    match item:
        case FileItem():
            return item.path
        case ChangedItem():
            return path_of(item.whole)
        case Scene(clean=clean) if clean is not None:
            return path_of(clean)
    return None


def pictures_in(folder: Path, pattern: str = "**/*") -> list[Path]:
    """The picture files below a folder, in no order; hidden ones and results of ``degrain denoise`` are left out.

    Raises:
        TrainingError: the pattern is none.
    """
    try:
        return [path for path in folder.glob(pattern) if is_picture(path, folder, SUFFIXES)]
    except (ValueError, NotImplementedError) as error:
        raise TrainingError(f"{pattern!r}: {error}", hint="** stands for folders, as in **/*.jpg") from error


def stem(key: str) -> str:
    """A key without its suffix."""
    return PurePosixPath(key).with_suffix("").as_posix()


def naming(setting: str, pattern: str) -> Callable[[str], str | None]:
    """What files have in common: of a stem, what the one group of a regular expression finds in it, or None.

    Args:
        setting: what to call the expression in messages.
        pattern: the expression, of the whole stem.

    Raises:
        TrainingError: it is none, or has not one group.
    """
    try:
        named = re.compile(pattern)
    except re.error as error:
        raise TrainingError(f"{setting} is no regular expression: {error}") from error
    if named.groups != 1:
        raise TrainingError(f"{setting} needs one group in brackets, what the files have in common")
    return lambda stem: found[1] if (found := named.fullmatch(stem)) else None


def the_folder(root: Path, name: str = "", hint: str | None = None) -> Path:
    """A folder at or below the root. Raises TrainingError when it is not there."""
    folder = root / name
    if folder.is_file():
        raise TrainingError(f"{folder} is a file, not a folder", hint)
    if not folder.is_dir() or not folder.is_relative_to(root):
        raise TrainingError(f"there is no folder {f'{name} in {root}' if name else root}", hint)
    return folder
