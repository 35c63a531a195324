"""What a benchmark found, as text for people, tables for programs, and one picture for the eye."""

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, fields

from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import Row, Summary
from degrain.images.panel import Crop, panel
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale, Unit
from degrain.metrics.fidelity import psnr
from degrain.noise.base import NoiseModel
from degrain.sources.base import Item

HEADINGS = ("model", "noise", "level", "pictures", "PSNR", "SSIM", "s/MP", "worst PSNR", "worst picture")
WORDS = 3  # the leading columns and the last are text, the others numbers
NOTE = "PSNR in dB over all channels, mean of pictures; noise unclipped; every result clipped and rounded to 8 bit"


def to_markdown(summaries: Sequence[Summary]) -> str:
    """A Markdown table whose columns also line up in a terminal, and the rules it was made by."""
    table = [HEADINGS, *map(_cells, summaries)]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADINGS))]
    rule = ["-" * width if _is_word(column) else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    lines = [_line(HEADINGS, widths), _line(rule, widths), *(_line(row, widths) for row in table[1:])]
    return "\n".join([*lines, "", NOTE, ""])


def to_csv(rows: Sequence[Row] | Sequence[Summary]) -> str:
    """One line per row or summary, all digits, with a header; empty for no rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[field.name for field in fields(row)] for row in rows[:1]])
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()


def to_json(summaries: Sequence[Summary], seed: int) -> str:
    """``{"rows": [{"model", "noise", "level", "pictures", "psnr", "ssim", "seconds_per_megapixel", ...}, ...]}``.

    An infinite PSNR, of a picture met exactly, is ``null``: JSON has no infinity.
    """
    rows = [_plain(asdict(summary)) | {"seed": seed, "clipped": False} for summary in summaries]
    return json.dumps({"rows": rows}, indent=2, allow_nan=False) + "\n"


def to_panel(benchmark: Benchmark, item: Item, index: int, noise: NoiseModel, *, crop: Crop | None = None) -> Picture:
    """Side by side: clean, noisy, and each model, with their PSNR.

    Args:
        benchmark: the models and the conditions.
        item: the picture.
        index: its place in the benchmark's list, which settles the noise.
        noise: what to spoil it with.
        crop: top, left, height, width of a detail to show large.
    """
    clean = benchmark.clean(item)
    trials = benchmark.trials(clean, index, noise)
    captioned = ((f"{trial.model} {psnr(clean, trial.pixels):.2f} dB", _eight_bit(trial.pixels)) for trial in trials)
    return panel([("clean", _eight_bit(clean)), *captioned], crop=crop)


def _cells(summary: Summary) -> tuple[str, ...]:
    return (
        summary.model,
        summary.noise,
        summary.level or "-",
        str(summary.pictures),
        f"{summary.psnr:.2f}",
        f"{summary.ssim:.4f}",
        f"{summary.seconds_per_megapixel:.3f}",
        f"{summary.worst_psnr:.2f}",
        summary.worst_picture,
    )


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    places = enumerate(zip(cells, widths, strict=True))
    padded = (cell.ljust(width) if _is_word(column) else cell.rjust(width) for column, (cell, width) in places)
    return f"| {' | '.join(padded)} |"


def _is_word(column: int) -> bool:
    return column < WORDS or column == len(HEADINGS) - 1


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {key: None if isinstance(value, float) and math.isinf(value) else value for key, value in values.items()}


def _eight_bit(unit: Unit) -> Picture:
    scale = PixelScale.of("uint8")
    return Picture(scale.to_stored(unit.transpose(1, 2, 0)), scale)
