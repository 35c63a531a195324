"""Metrics by name. Reports and plots ask this table, they do not guess."""

from collections.abc import Callable
from dataclasses import dataclass

from degrain.images.scale import Unit
from degrain.metrics.fidelity import mae, mse, psnr
from degrain.metrics.structure import ssim


@dataclass(frozen=True)
class Metric:
    """One way to compare a candidate with the clean picture.

    Attributes:
        measure: (clean, candidate) -> value, both (C, H, W) unit range.
        higher_is_better: which way a model should move it.
        unit: ``"dB"``, or empty.
        decimals: how many digits after the point mean something.
    """

    measure: Callable[[Unit, Unit], float]
    higher_is_better: bool
    unit: str = ""
    decimals: int = 4


METRICS = {
    "psnr": Metric(psnr, higher_is_better=True, unit="dB", decimals=2),
    "ssim": Metric(ssim, higher_is_better=True),
    "mse": Metric(mse, higher_is_better=False, decimals=6),
    "mae": Metric(mae, higher_is_better=False, decimals=5),
}
