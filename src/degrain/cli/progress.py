"""A progress bar on stderr, for whatever takes longer than two seconds."""

import sys
import time
from types import TracebackType
from typing import Self

PATIENCE = 2.0  # seconds before a bar appears


class Bar:
    """Called with (done, total); shows itself when the work turns out to be long. Silent where nobody looks."""

    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(file=sys.stderr)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task(label, visible=True)
        self._began = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Note how far the work is."""
        if time.monotonic() - self._began > PATIENCE and done < total:
            self._progress.start()
        self._progress.update(self._task, completed=done, total=total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
