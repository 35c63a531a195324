"""A few steps of a run as ``degrain train`` takes them, with nothing written: what benchmarks of training time."""

from collections.abc import Mapping, Sequence
from typing import Any

import lightning as L

from degrain.training.averaging import averaging


def short_run(config: Mapping[str, Any], steps: int, callbacks: Sequence[L.Callback]) -> L.Trainer:
    """A trainer for so many steps; the callbacks come after the average of the weights."""
    return L.Trainer(
        accelerator=config["trainer"]["accelerator"],
        devices=1,
        precision=config["trainer"]["precision"],
        max_steps=steps,
        gradient_clip_val=config["trainer"]["gradient_clip"],
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[averaging(config["ema"]), *callbacks],
    )
