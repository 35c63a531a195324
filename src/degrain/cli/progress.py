"""A progress bar on stderr, for whatever takes longer than two seconds."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0  # seconds before a bar appears


class Bar:
    """Called with (done, total); shows itself on a terminal when the work turns out to be long."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = time.monotonic()
        self._progress: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        """Note how far the work is."""
        if self._progress is None and done < total and self._is_wanted():
            self._progress = _started(self._label)
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=done, total=total)

    def _is_wanted(self) -> bool:
        return time.monotonic() - self._began > PATIENCE and sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()


def _started(label: str) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),  # a file name may hold [brackets]
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=Console(file=sys.stderr), transient=True)
    progress.add_task(label)
    progress.start()
    return progress
