"""One process at a time: a lock that the system lets go of when its holder ends, however it does."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from degrain.errors import StorageError
from degrain.storage.atomic import explained

log = logging.getLogger(__name__)


@contextmanager
def held_alone(path: Path, wait: bool = True) -> Iterator[None]:
    """Hold a lock file; whoever else asks for it waits, or is refused.

    Args:
        path: the lock file, in a folder that is there; it stays behind, empty.
        wait: for another process to end.

    Raises:
        StorageError: another process holds it and nobody is to wait, or the file cannot be written.
    """
    lock = FileLock(path, blocking=wait)
    try:
        lock.acquire()
    except Timeout as error:
        raise StorageError(
            f"another process is at work in {path.parent}", hint="wait until it has ended, or stop it first"
        ) from error
    except NotImplementedError:
        log.debug("%s: this file system knows no locks, so nobody is kept out", path)
    except OSError as error:
        raise explained(path, error) from error
    try:
        yield
    finally:
        lock.release()
