"""Photographs gathered from Pexels: a folder and the manifest that says who made each."""

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from degrain.errors import TrainingError
from degrain.sources.files import FileItem, file_items
from degrain.storage.atomic import whole_file

MANIFEST = "manifest.csv"
HINT = "degrain data pexels --query WORDS --count N -o FOLDER gathers them"


@dataclass(frozen=True)
class Entry:
    """One line of the manifest, all text.

    Attributes:
        id: of the photograph at Pexels.
        photographer: to be named wherever the picture is shown.
        photographer_url: their page.
        page: the picture's page.
        file: its name in the folder; empty when it was left out.
        sha256: of the file, hexadecimal.
        width: pixels of the file.
        height: pixels of the file.
        left_out: why there is no file.
    """

    id: str
    photographer: str
    photographer_url: str
    page: str
    file: str = ""
    sha256: str = ""
    width: str = ""
    height: str = ""
    left_out: str = ""


@dataclass(frozen=True)
class Pexels:
    """The photographs of a manifest, grouped by photographer.

    They are JPEGs: reduce them before they serve as clean pictures.

    Attributes:
        root: the folder with ``manifest.csv``.
    """

    root: str | Path

    def items(self) -> Sequence[FileItem]:
        """The pictures of the manifest that are there, sorted by key; none is opened.

        Raises:
            TrainingError: there is no manifest, it cannot be understood, or there is no picture.
        """
        root = Path(self.root)
        makers = {entry.file: entry.photographer_url or entry.photographer for entry in self._entries()}
        files = [root / name for name in makers if (root / name).is_file()]
        if not files:
            raise TrainingError(f"there is no picture of {MANIFEST} in {root}", hint=HINT)
        return file_items(root, files, group=makers.__getitem__)

    def missing(self) -> Sequence[str]:
        """Pictures of the manifest that are not there."""
        gone = [entry.file for entry in self._entries() if not (Path(self.root) / entry.file).is_file()]
        return [f"{len(gone)} pictures of {MANIFEST}, such as {gone[0]}"] if gone else []

    def _entries(self) -> list[Entry]:
        path = Path(self.root) / MANIFEST
        if not path.is_file():
            raise TrainingError(f"there is no {path}", hint=HINT)
        return [entry for entry in read_manifest(path) if entry.file]


def read_manifest(path: Path) -> list[Entry]:
    """Its entries; none when there is no such file.

    Raises:
        TrainingError: it cannot be understood.
    """
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            entries = [Entry(**row) for row in csv.DictReader(file, strict=True, restval="")]
    except (OSError, TypeError, UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(f"{path} cannot be understood: {error}", hint="remove it to begin anew") from error
    for entry in entries:
        if Path(entry.file).name != entry.file:
            raise TrainingError(f"{path} names {entry.file!r}, which does not lie beside it")
    return entries


def write_manifest(path: Path, entries: Sequence[Entry]) -> None:
    """Whole or not at all. Raises StorageError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Entry))
    writer.writerows(astuple(entry) for entry in entries)
    with whole_file(path, overwrite=True) as file:
        file.write(text.getvalue().encode())
