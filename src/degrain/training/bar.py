"""The progress bar of a run, on stderr."""

from typing import Any

import lightning as L
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

REFRESH = 2.0  # times a second


class StepBar(L.Callback):
    """Steps done, time gone and time left, the newest logged loss and validation PSNR; nothing off a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console
        self._progress: Progress | None = None

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Show it."""
        console = self.console or Console(stderr=True)
        if not (trainer.is_global_zero and console.is_terminal):
            return
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        news = TextColumn("{task.fields[news]}")
        self._progress = Progress("training", *columns, news, console=console, refresh_per_second=REFRESH)
        self._progress.add_task("", total=trainer.max_steps, completed=trainer.global_step, news="")
        self._progress.start()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """One step further; the figures are read from the device only when they are logged anyway."""
        if self._progress is None:
            return
        task = self._progress.task_ids[0]
        self._progress.update(task, completed=trainer.global_step)
        if trainer.global_step % trainer.log_every_n_steps == 0:  # type: ignore[attr-defined]
            logged = ((name, trainer.logged_metrics.get(name)) for name in ("loss", "psnr"))
            news = "  ".join(f"{name} {float(value):.4g}" for name, value in logged if value is not None)
            self._progress.update(task, news=news)

    def on_exception(self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException) -> None:
        """Leave the terminal as it was."""
        self._stop()

    def teardown(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Leave the terminal as it was."""
        self._stop()

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
