"""Near-duplicate groups of picture files, worked out once and remembered in the cache folder."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from degrain.errors import StorageError, UnreadableImage
from degrain.images.read import read
from degrain.sources.duplicates import fingerprint, group_alike
from degrain.storage.atomic import make_folder, whole_file
from degrain.storage.fetch import cache_folder

METHOD = "1"  # to be raised when fingerprints change: what is remembered is then worked out anew


def group_files(paths: Sequence[Path], alike: float) -> list[int]:
    """For each file the index of the first one that it is linked to by a chain of near-duplicates.

    The first time each picture is read and compared with every other; later, while names, sizes and times of the
    files are the same, the answer comes from ``cache_folder()``.

    Args:
        paths: picture files.
        alike: correlation that makes a link; see ``duplicates``. A file that cannot be read is linked to none.
    """
    remembered = cache_folder() / "near_duplicates" / f"{_digest(paths, alike)}.json"
    with suppress(OSError, ValueError):
        groups = json.loads(remembered.read_bytes())
        if isinstance(groups, list) and len(groups) == len(paths):
            return groups
    groups = _grouped(paths, alike)
    with suppress(StorageError):  # a read-only home costs time, not the result
        make_folder(remembered.parent)
        with whole_file(remembered, overwrite=True) as file:
            file.write(json.dumps(groups).encode())
    return groups


def _grouped(paths: Sequence[Path], alike: float) -> list[int]:
    prints = {}  # place -> fingerprint
    for place, path in enumerate(paths):
        with suppress(UnreadableImage):
            prints[place] = fingerprint(read(path))
    groups, places = list(range(len(paths))), list(prints)
    first = group_alike(np.stack([prints[place] for place in places]), alike) if places else []
    for place, index in zip(places, first, strict=True):
        groups[place] = places[index]
    return groups


def _digest(paths: Sequence[Path], alike: float) -> str:
    states = [(str(path), path.stat()) for path in paths]
    text = json.dumps([METHOD, alike, [(name, state.st_size, state.st_mtime_ns) for name, state in states]])
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
