"""What a benchmark found, as text for people and tables for programs."""

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence

from degrain.evaluation.rows import Row, Summary, flat
from degrain.evaluation.table import tabulate


def to_markdown(records: Sequence[Summary] | Sequence[Row]) -> str:
    """A Markdown table whose columns also line up in a terminal, and the rules it was made by."""
    table = tabulate(records)
    rows = [[cell.replace("|", r"\|") for cell in row] for row in table.rows]  # a choice of noises has one
    columns = range(len(table.headings))
    widths = [max(len(row[column]) for row in (table.headings, *rows)) for column in columns]
    rule = ["-" * widths[column] if table.is_word(column) else "-" * (widths[column] - 1) + ":" for column in columns]

    def line(cells: Iterable[str]) -> str:
        places = enumerate(zip(cells, widths, strict=True))
        padded = (cell.ljust(width) if table.is_word(column) else cell.rjust(width) for column, (cell, width) in places)
        return f"| {' | '.join(padded)} |"

    return "\n".join([line(table.headings), line(rule), *map(line, rows), "", table.note, ""])


def to_csv(records: Sequence[Row] | Sequence[Summary]) -> str:
    """One line per row or summary, all digits, with a header; empty for no records."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([list(flat(record)) for record in records[:1]])
    writer.writerows(flat(record).values() for record in records)
    return text.getvalue()


def to_json(records: Sequence[Summary] | Sequence[Row], **conditions: object) -> str:
    """``{"rows": [{"model", "noise", "level", "pictures", "psnr", "ssim", "seconds_per_megapixel", ...}, ...]}``.

    An infinite PSNR, of a picture met exactly, is ``null``: JSON has no infinity.

    Args:
        records: one object each.
        conditions: what is the same for all, such as the seed; repeated in every object.
    """
    rows = [_plain(flat(record)) | conditions for record in records]
    return json.dumps({"rows": rows}, indent=2, allow_nan=False) + "\n"


def _plain(values: dict[str, str | float]) -> dict[str, object]:
    return {key: None if isinstance(value, float) and math.isinf(value) else value for key, value in values.items()}
