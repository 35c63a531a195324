"""Ctrl-C that loses nothing."""

import logging
import signal
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Any

import lightning as L

log = logging.getLogger(__name__)


class BetweenSteps(KeyboardInterrupt):
    """Ctrl-C that has waited for the end of a step: the weights can be saved."""


class FinishStep(L.Callback):
    """The first Ctrl-C ends the run after the step at hand, and its validation; the second one ends it at once.

    Only where Ctrl-C is Python's own: a program that has another answer to it keeps that. Several processes get it each
    for itself and may be at different steps: there it ends the run at once.
    """

    def __init__(self) -> None:
        self.asked = False

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """From the first step on; before it there is nothing to lose. Lightning gives all signals back at the end."""
        in_main = threading.current_thread() is threading.main_thread()  # the only one that signals reach
        if in_main and trainer.world_size == 1 and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._ask)

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Mapping[str, Any], batch_idx: int
    ) -> None:
        """The step before this one is counted and logged."""
        if self.asked:
            raise BetweenSteps

    def _ask(self, number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.asked = True
        log.warning("stopping after this step; Ctrl-C again stops at once")
