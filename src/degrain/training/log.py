"""``metrics.csv``: one row a step, appended as training goes on; a resumed run cuts off what lies past its step."""

import csv
from argparse import Namespace
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from lightning.fabric.utilities.rank_zero import rank_zero_only
from lightning.pytorch.loggers.logger import Logger

from degrain.storage.atomic import whole_file
from degrain.training.processes import is_first

COLUMNS = ("step", "name", "value")


class CsvLog(Logger):
    """Rows of step, name, value: no header changes when a new metric turns up."""

    def __init__(self, path: Path, first_step: int) -> None:
        super().__init__()
        self.path = path
        if is_first():
            rows = _rows_before(path, first_step)
            with whole_file(path, overwrite=True) as file:  # a kill here must not cost the log of days
                text = TextIOWrapper(file, newline="")
                csv.writer(text).writerows([COLUMNS, *rows])
                text.detach()

    @property
    def name(self) -> str:
        """Lightning asks for one."""
        return "csv"

    @property
    def version(self) -> str:
        """Lightning asks for one."""
        return "0"

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Append one row for each metric."""
        with self.path.open("a", newline="") as file:
            csv.writer(file).writerows(
                [step, name, f"{value:.6g}"] for name, value in metrics.items() if name != "epoch"
            )

    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """They are in config.yaml."""


def _rows_before(path: Path, step: int) -> list[tuple[str, ...]]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = [tuple(row) for row in csv.reader(file)][1:]
    return [row for row in rows if len(row) == len(COLUMNS) and int(row[0]) < step]
