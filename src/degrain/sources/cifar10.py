"""CIFAR-10: 60,000 colour pictures of 32 x 32.

A. Krizhevsky, Learning multiple layers of features from tiny images, 2009. https://www.cs.toronto.edu/~kriz/cifar.html
"""

import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np

from degrain.errors import TrainingError
from degrain.images.picture import Picture
from degrain.sources.base import Side
from degrain.sources.plain_pickle import Bytes, NotPlain, load_plain
from degrain.storage.fetch import OnProgress, fetch, unwatched
from degrain.storage.http import PATIENT, Patience

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"  # md5 c58f30108f718f92721af3b95e74349a
ARCHIVE, FOLDER = "cifar-10-python.tar.gz", "cifar-10-batches-py"
SIDES: Mapping[str, Side] = {**{f"data_batch_{number}": "train" for number in range(1, 6)}, "test_batch": "test"}
PICTURES = 10_000  # in each batch
HINT = "degrain data cifar10 -o FOLDER fetches it"


@dataclass(frozen=True, eq=False)
class CifarItem:
    """One row of a batch.

    Attributes:
        row: (3072,) uint8: the red plane, the green, the blue.
        key: ``BATCH/ROW``.
        side: of its batch.
    """

    row: Bytes
    key: str
    side: Side

    @property
    def group(self) -> str:
        """Each picture by itself."""
        return self.key

    def load(self) -> Picture:
        """(32, 32, 3) uint8."""
        return Picture.of_array(np.moveaxis(self.row.reshape(3, 32, 32), 0, 2), source=self.key)


@dataclass(frozen=True)
class Cifar10:
    """The five training batches and the test batch, which are the split that its makers gave it.

    Attributes:
        root: ``cifar-10-python.tar.gz``, ``cifar-10-batches-py`` unpacked from it, or the folder that holds either.
    """

    root: str | Path

    def items(self) -> Sequence[CifarItem]:
        """The pictures of all batches that are there, sorted by key. All pixels are read, 31 MB a batch.

        Raises:
            TrainingError: there is none, or one is damaged or holds more than data.
        """
        batches = sorted(self._batches.items())
        return [CifarItem(row, f"{name}/{n:04}", SIDES[name]) for name, rows in batches for n, row in enumerate(rows)]

    def missing(self) -> Sequence[str]:
        """Batches that are not there, or hold less than 10,000 pictures."""
        there = {name: len(self._batches.get(name, ())) for name in SIDES}
        return [f"{name}: {count} of {PICTURES} pictures; {HINT}" for name, count in there.items() if count < PICTURES]

    @cached_property
    def _batches(self) -> Mapping[str, Bytes]:
        batches = dict(self._read())
        if not batches:
            raise TrainingError(f"CIFAR-10 is not in {self.root}: neither {ARCHIVE} nor {FOLDER}", hint=HINT)
        return batches

    def _read(self) -> Iterator[tuple[str, Bytes]]:
        root = Path(self.root)
        folder = next((path for path in (root / FOLDER, root) if any((path / name).is_file() for name in SIDES)), None)
        if folder:
            for path in folder.iterdir():
                if path.name in SIDES:
                    with path.open("rb") as file:
                        yield path.name, _rows(file, path)
        elif archive := next((path for path in (root / ARCHIVE, root) if path.is_file()), None):
            yield from _unpacked(archive)


def fetch_cifar10(folder: Path, patience: Patience = PATIENT, on_progress: OnProgress = unwatched) -> Path:
    """Download the archive, 170 MB, checked; nothing when it is there.

    Raises:
        StorageError: it cannot be had.
    """
    return fetch(URL, SHA256, folder, patience=patience, on_progress=on_progress)


def _unpacked(archive: Path) -> Iterator[tuple[str, Bytes]]:
    """The batches, straight out of the archive; nothing is written."""
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                file = tar.extractfile(member) if name in SIDES else None
                if file:
                    yield name, _rows(file, archive / name)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise TrainingError(f"{archive} cannot be unpacked: {error}", hint=f"remove it; {HINT}") from error


def _rows(file: IO[bytes], path: Path) -> Bytes:
    """The pixels of a batch, (N, 3072)."""
    try:
        batch = load_plain(file)
    except NotPlain as error:
        raise TrainingError(f"{path} is no batch of CIFAR-10: {error}", hint=HINT) from error
    rows = batch.get(b"data", batch.get("data")) if isinstance(batch, dict) else None
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.shape[1] != 3072:
        raise TrainingError(f"{path} is no batch of CIFAR-10: it has no rows of 3072 bytes", hint=HINT)
    return rows
