"""Which pictures a command line names, and where each result goes."""

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile
from pathlib import Path

from degrain.errors import StorageError

MARK = ".denoised"  # NAME.denoised.SUFFIX: a result, skipped when a folder is searched


def find_pictures(arguments: Sequence[str], suffixes: Collection[str]) -> list[Path]:
    """The pictures that the arguments name, each once, in the order of the arguments, sorted within each.

    A file is taken as it is, whatever its suffix. Of folders and globs (``*``, ``?``, ``[a-z]``, ``**``) the files
    with a known suffix are taken, but no hidden ones, no earlier results (``*.denoised.*``), and no links that
    lead out of the folder searched.

    Args:
        arguments: files, folders, globs.
        suffixes: lower case, with dot.

    Raises:
        StorageError: an argument is empty, is no regular file, cannot be read, or names no picture.
    """
    if not arguments:
        raise StorageError("no picture was named", hint="give files, folders or globs")
    unique: dict[str, Path] = {}
    for argument in arguments:
        for path in _expanded(argument, suffixes):
            unique.setdefault(place_of(path), path)
    return list(unique.values())


def is_picture(path: Path, root: Path, suffixes: Collection[str]) -> bool:
    """Whether a search from the root takes a file: of a known suffix, no result of ours, nothing hidden on the way.

    Hidden are the ``._name.png`` that some systems leave, and folders of thumbnails.
    """
    return (
        path.suffix.lower() in suffixes
        and not path.stem.endswith(MARK)
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
        and path.is_file()
    )


def place_of(path: Path) -> str:
    """What tells a file from all others: one for all its names, links and letter case as the system has them."""
    return os.path.normcase(os.path.realpath(path))


def denoised_path(picture: Path, output: Path | None = None) -> Path:
    """Where the result for one picture goes.

    Args:
        picture: the input.
        output: None for ``NAME.denoised.SUFFIX`` beside the input, else the folder that takes ``NAME.SUFFIX``.
    """
    if output is None:
        return picture.with_name(f"{picture.stem}{MARK}{picture.suffix}")
    return output / picture.name


def pair_with_results(
    pictures: Sequence[Path], output: Path | None = None, *, folder: bool = False
) -> list[tuple[Path, Path]]:
    """Each picture with the path of its result; refused before any work when one would be lost.

    Args:
        pictures: the inputs.
        output: None for results beside the inputs; a folder when it is one, has no suffix, or there are several
            inputs; else a file. A missing folder is the caller's to make.
        folder: the output is a folder, whatever its name looks like.

    Raises:
        StorageError: two results would have one path, or a result the path of an input.
    """
    if output is not None and len(pictures) == 1 and output.suffix and not folder and not output.is_dir():
        pairs = [(pictures[0], output)]
    else:
        _refuse_file(output)
        pairs = [(picture, denoised_path(picture, output)) for picture in pictures]
    _refuse_collisions(pairs)
    return pairs


def _expanded(argument: str, suffixes: Collection[str]) -> list[Path]:
    if not argument:  # Path("") is the folder one is in
        raise StorageError("an input has an empty name", hint="is a variable of the shell not set?")
    path = Path(argument)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        if _is_glob(argument):
            return _some(argument, _pictures(_matches(path), _fixed_part(path), suffixes), suffixes)
        raise StorageError(f"{argument}: {getattr(error, 'strerror', None) or error}") from error
    if stat.S_ISREG(mode):
        return [path]
    if stat.S_ISDIR(mode):
        return _some(argument, _pictures(_files(path), path, suffixes), suffixes)
    raise StorageError(f"{argument}: not a regular file")


def _files(folder: Path) -> list[Path]:
    """What lies in a folder, not below it."""
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror}") from error


def _is_glob(text: str) -> bool:
    return any(mark in text for mark in "*?[")


def _fixed_part(pattern: Path) -> Path:
    """The folders of a glob before its first wildcard."""
    return Path(*takewhile(lambda part: not _is_glob(part), pattern.parts[:-1]))


def _matches(pattern: Path) -> list[Path]:
    """Of pathlib, whose ``**`` follows no links."""
    fixed = _fixed_part(pattern)
    try:
        return list(fixed.glob(str(pattern.relative_to(fixed))))
    except (ValueError, NotImplementedError) as error:
        raise StorageError(f"{pattern}: {error}", hint="** stands for folders, as in photos/**/*.jpg") from error


def _pictures(files: Iterable[Path], root: Path, suffixes: Collection[str]) -> list[Path]:
    inside = Path(os.path.realpath(root))
    return sorted(
        path
        for path in files
        if is_picture(path, root, suffixes) and Path(os.path.realpath(path)).is_relative_to(inside)
    )


def _some(argument: str, pictures: list[Path], suffixes: Collection[str]) -> list[Path]:
    if not pictures:
        raise StorageError(f"{argument}: no pictures found", hint=f"looked for {' '.join(sorted(suffixes))}")
    return pictures


def _refuse_file(output: Path | None) -> None:
    if output is not None and output.exists() and not output.is_dir():
        raise StorageError(f"the results go to a folder, and {output} is a file", hint="name a folder")


def _refuse_collisions(pairs: Sequence[tuple[Path, Path]]) -> None:
    inputs = {place_of(picture): picture for picture, _ in pairs}
    counts = Counter(place_of(result) for _, result in pairs)
    for picture, result in pairs:
        if place_of(result) in inputs:
            raise StorageError(
                f"the result for {picture} would replace the input {inputs[place_of(result)]}",
                hint="name another file or folder",
            )
        if counts[place_of(result)] > 1:
            alike = [str(other) for other, path in pairs if place_of(path) == place_of(result)]
            raise StorageError(f"{' and '.join(alike)} would both become {result}", hint="denoise them apart")
