"""Metrics by name. Reports and plots ask this table, they do not guess."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from degrain import lazy
from degrain.errors import MetricError

if TYPE_CHECKING:
    from degrain.images.scale import Unit


@dataclass(frozen=True)
class Metric:
    """One way to compare a candidate with the clean picture.

    Attributes:
        path: of the function (clean, candidate) -> value, both (C, H, W) unit range.
        label: its name in tables and captions.
        higher_is_better: which way a model should move it.
        best: the value of a picture that is met exactly.
        unit: ``"dB"``, or empty.
        decimals: how many digits after the point mean something.
        extra: the install extra that it needs, if any.
    """

    path: str
    label: str
    higher_is_better: bool
    best: float
    unit: str = ""
    decimals: int = 4
    extra: str | None = None

    def measure(self, clean: "Unit", candidate: "Unit") -> float:
        """The value for a candidate.

        Raises:
            ImageError: when the pictures differ in shape, or are too small for it.
            MissingExtra: what it needs is not installed.
        """
        return float(lazy.load(self.path, self.extra)(clean, candidate))

    def format(self, value: float) -> str:
        """With the digits that mean something, without label and unit."""
        return f"{value:.{self.decimals}f}"

    def caption(self, value: float) -> str:
        """``"31.05 dB"``, or ``"SSIM 0.9123"`` where no unit says what it is."""
        return f"{self.format(value)} {self.unit}" if self.unit else f"{self.label} {self.format(value)}"


_FIDELITY, _STRUCTURE = "degrain.metrics.fidelity", "degrain.metrics.structure"
METRICS = {
    "psnr": Metric(f"{_FIDELITY}:psnr", "PSNR", higher_is_better=True, best=float("inf"), unit="dB", decimals=2),
    "ssim": Metric(f"{_STRUCTURE}:ssim", "SSIM", higher_is_better=True, best=1.0),
    "ms_ssim": Metric(f"{_STRUCTURE}:ms_ssim", "MS-SSIM", higher_is_better=True, best=1.0),
    "ciede2000": Metric("degrain.metrics.colour:ciede2000", "CIEDE2000", higher_is_better=False, best=0.0, decimals=2),
    "lpips": Metric("degrain.objectives.lpips:lpips", "LPIPS", higher_is_better=False, best=0.0, extra="train"),
    "mse": Metric(f"{_FIDELITY}:mse", "MSE", higher_is_better=False, best=0.0, decimals=6),
    "mae": Metric(f"{_FIDELITY}:mae", "MAE", higher_is_better=False, best=0.0, decimals=5),
    "pairwise": Metric(f"{_FIDELITY}:pairwise_distance", "pairwise", higher_is_better=False, best=0.0),
}


def check_metrics(names: Iterable[str]) -> None:
    """Raises MetricError when a name is not in the table."""
    for name in names:
        if name not in METRICS:
            raise MetricError(f"unknown metric {name!r}", hint=f"known: {', '.join(METRICS)}")
