"""What the network makes of the batch at hand, seen while it trains: clean | noisy | denoised, and the loss so far.

    LivePlotBatch   every batch, and training waits for it: for debugging
    LivePlotAsync   every so many batches, drawn in a thread that training never waits for

Neither draws a random number or changes the network: the weights are those of a run without a view.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
from torch import Tensor

from degrain.errors import TrainingError
from degrain.objectives.batch import Batch
from degrain.training.background import Background
from degrain.training.frames import Frames, Shot
from degrain.training.module import DenoisingModule
from degrain.training.screens import Screen, screen_for

REST = 1.0  # seconds between frames drawn in the background: more are not looked at, and each costs 14 ms of a core


class LivePlot(L.Callback, ABC):
    """Takes a shot every so many steps, on rank zero; what becomes of it is up to the kind of view.

    Args:
        screen: where frames are shown.
        every: steps from one frame to the next.
    """

    def __init__(self, screen: Screen, every: int) -> None:
        if every < 1:
            raise TrainingError(f"trainer.live_every must be 1 or more, got {every}")
        self.screen, self.every = screen, every
        self.frames = Frames()
        self._losses: list[Tensor] = []  # since the last shot, on the device

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """The step is done and its tensors are still there."""
        if not trainer.is_global_zero or not isinstance(pl_module, DenoisingModule):
            return
        self._losses.append(outputs["loss"].detach())
        if trainer.global_step % self.every == 0:
            self.take(Shot.of(pl_module, batch, trainer.global_step, self._losses))
            self._losses.clear()
        self.screen.refresh()

    @abstractmethod
    def take(self, shot: Shot) -> None:
        """Bring the shot to the screen."""


class LivePlotBatch(LivePlot):
    """A frame for every batch, drawn before the next one begins."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen, every=1)

    def take(self, shot: Shot) -> None:
        """Draw and show it here and now."""
        self.screen.show(self.frames.draw(shot))


class LivePlotAsync(LivePlot):
    """A frame every so many batches, drawn in the background; frames that training outruns are dropped.

    What goes wrong in the background is raised when training has ended, as a TrainingError.
    """

    def __init__(self, screen: Screen, every: int = 10) -> None:
        super().__init__(screen, every)
        self._painter: Background[Shot] | None = None

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Start the thread."""
        if trainer.is_global_zero:
            self._painter = Background(lambda shot: self.screen.show(self.frames.draw(shot)), rest=REST)

    def take(self, shot: Shot) -> None:
        """Leave it to the thread."""
        if self._painter is not None:
            self._painter.offer(shot)

    def on_exception(self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException) -> None:
        """Training broke off: so does drawing."""
        self._close(finish=False)

    def teardown(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """The last hook: model and logs are written, so an error of the view costs nothing but the view."""
        error = self._close(finish=True)
        if error is not None:
            raise TrainingError(
                f"the live view stopped: {error}",
                hint="the run itself ended well; trainer.live=null leaves the view out",
            ) from error

    def _close(self, finish: bool) -> Exception | None:
        painter, self._painter = self._painter, None
        if painter is None:
            return None
        painter.close(finish)
        self.screen.refresh()
        return painter.error


def live_views(settings: Mapping[str, Any], folder: Path) -> list[L.Callback]:
    """The view that ``trainer.live`` asks for: one or none. Raises TrainingError."""
    match settings["live"]:
        case None:
            return []
        case "batch":
            return [LivePlotBatch(screen_for(folder))]
        case "async":
            return [LivePlotAsync(screen_for(folder), settings["live_every"])]
        case other:
            raise TrainingError(f"trainer.live must be null, batch or async, got {other}")
