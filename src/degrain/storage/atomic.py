"""Write a file whole or not at all: a temporary beside it, fsync, then one atomic step to its name."""

import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from degrain.errors import StorageError

PREFIX, SUFFIX = ".degrain-", ".partial"  # the whole temporary name has 33 bytes, whatever the target is called
LEFT_OVER = 3600.0  # seconds after which a temporary belongs to a process that was killed

REASONS: dict[int, tuple[str, str | None]] = {
    errno.EEXIST: ("it exists already", "choose another name, or allow it with --overwrite or overwrite=True"),
    errno.ENOENT: ("the folder does not exist", "create it first"),
    errno.ENOTDIR: ("a part of its path is a file, not a folder", None),
    errno.EISDIR: ("it is a folder", "name a file in it"),
    errno.EACCES: ("permission denied", None),
    errno.EPERM: ("permission denied", None),
    errno.EROFS: ("the disk is read-only", None),
    errno.ENAMETOOLONG: ("the name is too long", None),
    errno.EFBIG: ("the file would be larger than allowed", None),
    errno.EDQUOT: ("the disk quota is used up", "free some space"),
}
NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


@contextmanager
def whole_file(target: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A binary file to write into, which becomes ``target`` when the block ends well, and nothing when not.

    Once the block has ended, the file survives a power cut. Without ``overwrite`` an existing target is never
    replaced, not even one that appears meanwhile.

    Raises:
        StorageError: the target exists, is no regular file, or the system refuses; nothing is left behind.
    """
    if overwrite:
        target = Path(os.path.realpath(target))  # through a link, not over it
    temporary = target.with_name(f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
    try:
        _refuse(target, overwrite)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _publish(temporary, target, overwrite)
        _sync_folder(target.parent)
    except OSError as error:
        raise explained(target, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def put_in_place(temporary: Path, target: Path) -> None:
    """Let a finished file beside the target take its name, in one step that survives a power cut.

    Raises:
        StorageError: the target is no regular file, or the system refuses; the temporary stays.
    """
    try:
        _refuse(target, overwrite=True)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        _publish(temporary, target, overwrite=True)
        _sync_folder(target.parent)
    except OSError as error:
        raise explained(target, error) from error


def duplicate(path: Path, other: Path) -> None:
    """A second name for a file, or a copy of it on disks that know no links."""
    try:
        os.link(path, other)
    except OSError:
        shutil.copyfile(path, other)


def check_target(target: Path, *, overwrite: bool = False) -> None:
    """Say before the work that a file is for what would go wrong with its name after it.

    Raises:
        StorageError: the target exists and may not be replaced, is no regular file, or its folder takes no files.
    """
    try:
        _refuse(target, overwrite)
        if not os.access(Path(os.path.realpath(target)).parent, os.W_OK):
            raise PermissionError(errno.EACCES, "is read-only")
    except OSError as error:
        raise explained(target, error) from error


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, unless it is there.

    Raises:
        StorageError: the system refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise StorageError(f"{folder} cannot be a folder: there is a file of that name") from error
    except OSError as error:
        raise explained(folder, error) from error


def make_own_folder(wanted: Path) -> Path:
    """Make a folder that was not there; where the name is taken, the next one that is not: ``wanted_2``, ``wanted_3``.

    Raises:
        StorageError: the system refuses.
    """
    make_folder(wanted.parent)
    folder, number = wanted, 1
    while True:
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            folder = wanted.with_name(f"{wanted.name}_{number}")
        except OSError as error:
            raise explained(folder, error) from error
        else:
            return folder


def remove_leftovers(folder: Path, older_than: float = LEFT_OVER) -> int:
    """Remove temporaries of processes that were killed, idle for ``older_than`` seconds; how many there were."""
    removed = 0
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):  # another process may tidy up too
            if time.time() - path.stat().st_mtime > older_than:
                path.unlink()
                removed += 1
    return removed


def explained(target: Path, error: OSError) -> StorageError:
    """What the system says of a target, in words, with the next step."""
    reason, hint = REASONS.get(error.errno or 0, (error.strerror or str(error), None))
    if error.errno == errno.ENOSPC:
        reason = f"the disk is full, {shutil.disk_usage(target.parent).free / 1e6:.0f} MB free"
        hint = "free some space or write elsewhere"
    return StorageError(f"{target} cannot be written: {reason}", hint)


def _refuse(target: Path, overwrite: bool) -> None:
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        target.parent.stat()  # is it only the file that is missing?
        if target.is_symlink() and not overwrite:
            raise FileExistsError(errno.EEXIST, "is a link to a file that is not there") from None
        return
    except ValueError as error:
        raise StorageError(f"{str(target)!r} cannot be written: {error}") from error
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a directory")
    if not stat.S_ISREG(mode):
        raise StorageError(f"{target} cannot be written: it is not a regular file")
    if not overwrite:
        raise FileExistsError(errno.EEXIST, "exists")


def _publish(temporary: Path, target: Path, overwrite: bool) -> None:
    if overwrite:
        with suppress(OSError):
            shutil.copymode(target, temporary)
        temporary.replace(target)
        return
    try:
        os.link(temporary, target)  # fails when the target exists; a rename would replace it
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        target.open("xb").close()  # no hard links here: claim the name, then replace our own empty file
        try:
            temporary.replace(target)
        except BaseException:
            target.unlink()
            raise


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some systems cannot open a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
