"""Of the pictures that a run is given, those that it can use: the rest is left out, and listed once."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from degrain.errors import ImageError, TrainingError

log = logging.getLogger("degrain")

LISTED = 20  # lines that a terminal shows at once
T = TypeVar("T")
R = TypeVar("R")


def readable(items: Iterable[T], read: Callable[[T], R]) -> Iterator[R]:
    """What ``read`` gives of each item, but of those for which it raises ImageError: a warning names them at the end.

    Raises:
        TrainingError: there were items, and none of them could be used.
    """
    refused: dict[str, ImageError] = {}  # by message: copies of one file have one
    count = 0
    for item in items:
        try:
            result = read(item)
        except ImageError as error:
            refused.setdefault(str(error), error)
            continue
        count += 1
        yield result
    if not refused:
        return
    if not count:
        first = next(iter(refused.values()))
        raise TrainingError(f"none of the pictures can be used; the first: {first}", hint=first.hint)
    listed = list(refused)[:LISTED] + ([f"and {len(refused) - LISTED} more"] if len(refused) > LISTED else [])
    log.warning("%d cannot be used and are left out:\n  %s", len(refused), "\n  ".join(listed))
