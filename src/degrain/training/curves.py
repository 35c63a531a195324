"""``loss.png``: training loss and validation PSNR over the steps, drawn from ``metrics.csv``."""

import csv
from pathlib import Path

import lightning as L

from degrain.images.chart import chart
from degrain.images.panel import stacked
from degrain.images.picture import Picture
from degrain.images.write import write
from degrain.storage.run_folder import RunFolder

CURVES = {
    "loss": ("training loss", 0.98),
    "psnr": ("validation PSNR, dB", 1.0),
}  # name in metrics.csv -> caption, shown


class LossCurve(L.Callback):
    """Draws the curves after each validation and when training ends."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Its figures are logged by now."""
        self._draw(trainer)

    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """With the steps since."""
        self._draw(trainer)

    def _draw(self, trainer: L.Trainer) -> None:
        if trainer.is_global_zero and self.run.metrics.exists():
            picture = curves(self.run.metrics)
            if picture is not None:
                write(picture, self.run.curves, overwrite=True)


def curves(metrics: Path) -> Picture | None:
    """The curves that a ``metrics.csv`` holds, one below the other; None while there are none."""
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in CURVES}
    with metrics.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["name"] in found:
                found[row["name"]].append((int(row["step"]), float(row["value"])))
    steps = [step for points in found.values() for step, _ in points]
    charts = [
        chart(
            f"{caption}: {found[name][-1][1]:.4g}",
            *zip(*found[name], strict=True),
            shown=shown,
            span=(min(steps), max(steps)),  # one axis for all, so that they can be read together
        )
        for name, (caption, shown) in CURVES.items()
        if found[name]
    ]
    return stacked(charts) if charts else None
