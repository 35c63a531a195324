"""How fast training goes: megapixels per second, all that a step costs included."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import lightning as L


class Throughput(L.Callback):
    """Logs ``megapixels_per_second`` at each logged step; validation is not counted."""

    def __init__(self, pixels_per_step: int) -> None:
        self.pixels = pixels_per_step
        self.steps, self.seconds, self.began = 0, 0.0, 0.0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """The clock starts before the first batch is drawn."""
        self.began = perf_counter()

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """And again after validation."""
        self.began = perf_counter()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Mapping[str, Any], batch_idx: int
    ) -> None:
        """A step lasts from the end of the one before it, so the draw of its batch counts."""
        now = perf_counter()
        self.steps, self.seconds, self.began = self.steps + 1, self.seconds + now - self.began, now
        if trainer.global_step % trainer.log_every_n_steps == 0:  # type: ignore[attr-defined]
            pl_module.log("megapixels_per_second", self.steps * self.pixels * trainer.world_size / self.seconds / 1e6)
            self.steps, self.seconds = 0, 0.0
