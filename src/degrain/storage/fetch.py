"""Files from the network, kept in a cache folder. A file of another content than the one asked for is never kept."""

import hashlib
import os
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from degrain.errors import StorageError
from degrain.storage.atomic import make_folder, whole_file

CHUNK = 1 << 20  # bytes
PATIENCE = 30.0  # seconds without a byte


def fetch(url: str, sha256: str, folder: Path | None = None) -> Path:
    """The file at ``url``: from the cache when it is there and whole, else downloaded, checked and put there.

    Args:
        url: http or https; its last part names the file in the cache.
        sha256: checksum of the whole file, hexadecimal.
        folder: where it is kept; None = ``cache_folder()``.

    Raises:
        StorageError: it cannot be reached, stops half way, has another checksum, or the folder cannot hold it.
            Nothing is left behind then.
    """
    target = (folder or cache_folder()) / PurePosixPath(urlsplit(url).path).name
    if target.is_file() and _checksum(target) == sha256:
        return target
    make_folder(target.parent)
    digest = hashlib.sha256()
    with whole_file(target, overwrite=True) as file:
        for chunk in _download(url):
            digest.update(chunk)
            file.write(chunk)
        if digest.hexdigest() != sha256:
            raise StorageError(
                f"{url} is not the file that was asked for: its sha256 is {digest.hexdigest()}, not {sha256}",
                hint="a proxy or a portal may have answered in its place",
            )
    return target


def cache_folder() -> Path:
    """``$DEGRAIN_CACHE``, or ``degrain`` in the user's cache folder."""
    if chosen := os.environ.get("DEGRAIN_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "degrain"


def _download(url: str) -> Iterator[bytes]:
    if urlsplit(url).scheme not in ("http", "https"):
        raise StorageError(f"{url} cannot be fetched: it is neither http nor https")
    received = 0
    try:
        with urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310  # http or https, see above
            promised = int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(CHUNK):
                received += len(chunk)
                yield chunk
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()  # it is the answer too
        raise StorageError(f"{url} cannot be fetched: {error}") from error
    if received < promised:
        raise StorageError(f"{url} stopped after {received} of {promised} bytes", hint="try again")


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
