"""Files from the network, kept in a folder. A file of another content than the one asked for is never kept."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from degrain.errors import StorageError
from degrain.storage.atomic import explained, make_folder, put_in_place
from degrain.storage.http import PATIENT, Patience, Refused, answered, patiently
from degrain.storage.lock import held_alone

PARTIAL, LOCK = ".part", ".lock"
PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 206, 416

OnProgress = Callable[[int, int], None]  # done, and in all


def unwatched(done: int, total: int) -> None:
    """Nobody follows the progress."""


def fetch(
    url: str,
    sha256: str,
    folder: Path | None = None,
    *,
    patience: Patience = PATIENT,
    on_progress: OnProgress = unwatched,
) -> Path:
    """The file at ``url``: from the folder when it is there and whole, else downloaded, checked and put there.

    A download that breaks off is gone on with, now or by a later call, where the server allows it.

    Args:
        url: http or https; its last part names the file in the folder.
        sha256: checksum of the whole file, hexadecimal.
        folder: where it is kept; None = ``cache_folder()``.
        patience: how failures are met.
        on_progress: called with bytes done and in all, when the server says how many.

    Raises:
        StorageError: it cannot be reached, breaks off again and again, has another checksum, or the folder cannot
            hold it.
    """
    target = (folder or cache_folder()) / PurePosixPath(urlsplit(url).path).name
    if _is_there(target, sha256):
        return target
    make_folder(target.parent)
    with held_alone(target.with_name(f".{target.name}{LOCK}")):
        if not _is_there(target, sha256):  # another process may have been at it
            _download(url, sha256, target, patience, on_progress)
    return target


def cache_folder() -> Path:
    """``$DEGRAIN_CACHE``, or ``degrain`` in the user's cache folder."""
    if chosen := os.environ.get("DEGRAIN_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "degrain"


def checksum(path: Path) -> str:
    """sha256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_there(target: Path, sha256: str) -> bool:
    return target.is_file() and checksum(target) == sha256


def _download(url: str, sha256: str, target: Path, patience: Patience, on_progress: OnProgress) -> None:
    partial = target.with_name(target.name + PARTIAL)
    patiently(lambda: _go_on(url, partial, patience, on_progress), url, patience)
    found = checksum(partial)
    if found != sha256:
        partial.unlink()
        raise StorageError(
            f"{url} is not the file that was asked for: its sha256 is {found}, not {sha256}",
            hint="a proxy or a portal may have answered in its place; try again",
        )
    put_in_place(partial, target)


def _go_on(url: str, partial: Path, patience: Patience, on_progress: OnProgress) -> None:
    """Download what the partial file lacks; all of it when the server knows no ranges."""
    there = partial.stat().st_size if partial.exists() else 0
    try:
        with answered(url, patience, {"Range": f"bytes={there}-"} if there else None) as answer:
            start = there if answer.status == PARTIAL_CONTENT else 0
            total = start + int(answer.headers.get("Content-Length") or 0)
            with partial.open("ab" if start else "wb") as file:
                for chunk in answer.chunks():
                    file.write(chunk)
                    on_progress(file.tell(), total)
    except Refused as refused:
        if refused.status != RANGE_NOT_SATISFIABLE:  # there is no more: the checksum tells whether it is whole
            raise
    except OSError as error:
        raise explained(partial, error) from error
