"""Rows and summaries as cells of text: what Markdown and HTML tables show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from degrain.evaluation.rows import Row, Summary
from degrain.metrics.table import METRICS

MEANS = "Means over the pictures"
MEASURED = "PSNR in dB over all channels; noise unclipped; every result clipped and rounded to 8 bit"
REMOVED = "removed: root mean square of what the model took away, 0..255 scale; s/MP: seconds a megapixel"
_WORDS = {"picture", "model", "noise", "level", "worst picture"}


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        headings: of the columns.
        rows: of cells.
        note: the rules it was made by.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str

    def is_word(self, column: int) -> bool:
        """Whether a column holds words; else numbers, which stand to the right."""
        return self.headings[column] in _WORDS


def tabulate(records: Sequence[Summary] | Sequence[Row]) -> Table:
    """Means noise by noise, or single rows picture by picture."""
    rows = [record for record in records if isinstance(record, Row)]
    return _of_rows(rows) if rows else _of_summaries([record for record in records if isinstance(record, Summary)])


def told(row: Row) -> str:
    """What its model was told: ``"sigma measured 7.2"``, ``"blind"``."""
    return f"{row.level} {deviation(row.sigma)}" if row.sigma else row.level


def deviation(value: float) -> str:
    """A standard deviation on the 0..255 scale; of dark 16-bit pictures a small fraction is seen, too."""
    return f"{value:.2g}" if 0 < value < 1 else f"{value:.1f}"


def _of_summaries(summaries: Sequence[Summary]) -> Table:
    labels = _labels(summaries[0].values) if summaries else []
    headings = ["model", "noise", "level", "pictures", *labels, "removed", "s/MP", "worst PSNR", "worst picture"]
    cells = [
        [
            *(one.model, one.noise, one.level or "-", str(one.pictures)),
            *_numbers(one.values),
            *_cost(one.level, one.removed, one.seconds_per_megapixel),
            *(f"{one.worst_psnr:.2f}", one.worst_picture),
        ]
        for one in summaries
    ]
    return Table(headings, cells, f"{MEANS}; {MEASURED}; {REMOVED}")


def _of_rows(rows: Sequence[Row]) -> Table:
    values = rows[0].values
    cells = [
        [
            *(row.picture, row.model, told(row) or "-"),
            *_numbers(row.values),
            *_cost(row.level, row.removed, row.seconds / row.megapixels),
        ]
        for row in rows
    ]
    headings = ["picture", "model", "level", *_labels(values), "removed", "s/MP"]
    return Table(headings, cells, f"{MEASURED}; {REMOVED}" if values else REMOVED)


def _cost(level: str, removed: float, seconds: float) -> list[str]:
    """What was removed, and the time it took; before any model, neither."""
    return [deviation(removed), f"{seconds:.3f}"] if level else ["-", "-"]


def _labels(values: Mapping[str, float]) -> list[str]:
    return [METRICS[name].label for name in values]


def _numbers(values: Mapping[str, float]) -> list[str]:
    return [METRICS[name].format(value) for name, value in values.items()]
