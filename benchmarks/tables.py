"""The quality and cost tables of docs/benchmarks.md, and the plot below them: python benchmarks/tables.py

Measures every bundled network, the classical methods that are installed and each --model FILE on the test sets under
$DEGRAIN_DATA/test, by the rules of ``degrain.evaluation.benchmark``. Every row is kept at once in runs/tables/, and the
next run goes on from there: a row is measured again when its model file or package has changed, a time when the machine
or the number of threads has. --methods, --sets, --most and --parts say what to measure now; the tables show all that is
kept, and one table holds only what was measured on the same pictures. BM3D takes hours.

Prints Markdown; how it goes is told on stderr.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from multiprocessing import get_context
from pathlib import Path

from measuring import PARTS, SEED, SETS, SIGMAS, Bench, Kept, Part
from memory import measure as peak_of
from methods import CLASSICAL, Line, Method, chosen, methods
from PIL import Image
from scatter import Point, scatter

from degrain.errors import DegrainError, ModelError
from degrain.evaluation.report import to_json
from degrain.evaluation.rows import Summary
from degrain.metrics.table import METRICS
from degrain.sources.base import Item
from degrain.sources.folder import Folder

ROOT = Path(__file__).parents[1]
PLOT = "images/quality_time.png"  # beside docs/benchmarks.md


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is missing, then write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, nargs="+", default=[], metavar="FILE", help=".onnx or .ckpt, as well")
    parser.add_argument("--methods", nargs="+", metavar="NAME", help="measure these; default all")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), help="measure on these; default all")
    parser.add_argument(
        "--most", type=int, metavar="N", help="measure on the first N pictures of each set; default all"
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="make these; default both")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of networks; default one for each core")
    parser.add_argument("--fresh", action="store_true", help="forget first what is kept of all this")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs/tables", help="where rows are kept")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / PLOT, help="PNG, made with the cost")
    try:
        remake(parser.parse_args(arguments))
    except DegrainError as error:
        raise SystemExit(f"{error}\nhint: {error.hint}" if error.hint else str(error)) from error


def remake(args: argparse.Namespace) -> None:
    """Everything asked for. Raises DegrainError."""
    by_name = methods(args.model, args.threads)
    everyone, some = list(by_name.values()), chosen(args.methods, by_name)
    bench = Bench(pictures(args.sets), Kept(args.runs / "rows.jsonl"), machine(args.threads))
    for name in args.parts:
        measure(bench, PARTS[name], some, args)
    if "quality" in args.parts:
        print(quality(bench, everyone))
        write_json(bench, everyone, args.runs)
    if "cost" in args.parts:
        peaks = Kept(args.runs / "memory.jsonl")
        measure_memory(peaks, some, bench.machine, args.fresh)
        sets = timed(bench, everyone)
        plot(sets).save(args.plot, optimize=True)
        print(cost(sets, everyone, peaks, bench.machine))


def pictures(wanted: Sequence[str]) -> dict[str, Sequence[Item]]:
    """Those of the sets that are there, and the wanted ones must be. Raises TrainingError."""
    tests = Path(os.environ.get("DEGRAIN_DATA", "data"), "test")
    return {name: Folder(tests / name).items() for name in SETS if name in wanted or (tests / name).is_dir()}


def machine(threads: int) -> str:
    """What times depend on."""
    cpus = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpus.read_text()) if cpus.exists() else None
    cpu = found[1] if found else platform.processor() or platform.machine()
    return f"{cpu}, {os.cpu_count()} cores, networks on {threads}; onnxruntime {version('onnxruntime')}"


def measure(bench: Bench, part: Part, some: Sequence[Method], args: argparse.Namespace) -> None:
    """What is missing, method by method; says how it goes."""
    for method, name in product(some, part.sets):
        if name in args.sets:
            if args.fresh:
                bench.forget(part, method, name, args.most)
            began = time.monotonic()
            rows = bench.measure(part, method, name, args.most)
            print(f"{method.name} on {name}: {rows} new rows, {time.monotonic() - began:.0f} s", file=sys.stderr)


def measure_memory(peaks: Kept, some: Sequence[Method], on: str, fresh: bool) -> None:
    """Peak resident GB, each method on one picture of one megapixel in a process of its own."""
    for method in some:
        if method.denoisers and (fresh or (*method.key, on) not in peaks):
            with tempfile.TemporaryDirectory() as folder, get_context("spawn").Pool(1) as small:
                peak, _ = small.apply(peak_of, (1, method.source, Path(folder)))  # a child counts its parent's memory
            peaks.keep((*method.key, on), peak)


def quality(bench: Bench, everyone: Sequence[Method]) -> str:
    """Markdown: the tables of all sets."""
    return "\n\n".join(text for name in bench.items for text in quality_of(bench, everyone, name))


def quality_of(bench: Bench, everyone: Sequence[Method], name: str) -> Iterator[str]:
    """A table on all its pictures; where a method has been measured on fewer, another one on those, with all."""
    headings = ["PSNR / SSIM", *(f"sigma {sigma}{form}" for form in ("", ", 8 bit") for sigma in SIGMAS)]
    for indices, lines in bench.groups(PARTS["quality"], everyone, name):
        rows = [[line.name, *map(scores, bench.summaries(PARTS["quality"], line, name, indices))] for line in lines]
        yield f"**{name}**, {SETS[name]}, {counted(indices, bench.items[name])}\n\n{table(headings, rows)}"


def scores(summary: Summary) -> str:
    """PSNR and SSIM."""
    return " / ".join(METRICS[metric].format(value) for metric, value in summary.values.items())


def counted(indices: Sequence[int], items: Sequence[Item]) -> str:
    """On how many pictures."""
    return f"{len(items)} pictures" if len(indices) == len(items) else f"{len(indices)} of {len(items)} pictures"


@dataclass(frozen=True)
class Timed:
    """What the cost is read from on one set: the pictures that all methods timed here share.

    Attributes:
        title: the set and how many of its pictures.
        lines: the summary of each.
    """

    title: str
    lines: Mapping[Line, Summary]


def timed(bench: Bench, everyone: Sequence[Method]) -> list[Timed]:
    """The sets on which anything was timed. Raises ModelError when that is none."""
    part, found = PARTS["cost"], []
    for name in part.sets:
        *_, (indices, lines) = [((), ()), *bench.groups(part, everyone, name)]
        if lines:
            title = f"{name}, {SETS[name]}, {counted(indices, bench.items[name])}"
            found.append(Timed(title, {line: bench.summaries(part, line, name, indices)[0] for line in lines}))
    if not found:
        raise ModelError(
            f"nothing has been timed here on {' or '.join(part.sets)}, so there is no cost to show",
            hint="--parts quality makes the quality tables alone",
        )
    return found


def cost(sets: Sequence[Timed], everyone: Sequence[Method], peaks: Kept, on: str) -> str:
    """Markdown: the machine, then the time and memory of each method, then the plot."""
    packages = dict.fromkeys(method.identity for method in everyone if method.kind == CLASSICAL)
    headings = ["model", *(f"seconds a megapixel: {one.title}" for one in sets), "peak resident MB"]
    rows = []
    for line in dict.fromkeys(line for one in sets for line in one.lines):
        seconds = [f"{one.lines[line].seconds_per_megapixel:.3f}" if line in one.lines else "-" for one in sets]
        peak = peaks.get((*line.method.key, on))
        rows.append([line.name, *seconds, f"{1000 * peak:.0f}" if peak else "-"])
    shown = f"![PSNR over seconds a megapixel]({PLOT})"
    return "\n\n".join([f"{on}; {', '.join(packages)}", table(headings, rows), shown])


def plot(sets: Sequence[Timed]) -> Image.Image:
    """PSNR over time."""
    panels = {
        f"{one.title}, sigma 25": [
            Point(line.name, summary.seconds_per_megapixel, summary.values["psnr"], line.method.kind)
            for line, summary in one.lines.items()
        ]
        for one in sets
    }
    return scatter(panels, "seconds a megapixel", "PSNR, dB")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown, numbers to the right."""
    rule = ["---", *["--:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))


def write_json(bench: Bench, everyone: Sequence[Method], folder: Path) -> None:
    """All digits of the quality tables, the worst picture of each mean too, a file for each set."""
    part = PARTS["quality"]
    for name in bench.items:
        groups = bench.groups(part, everyone, name)
        summaries = [
            one for indices, lines in groups for line in lines for one in bench.summaries(part, line, name, indices)
        ]
        (folder / f"{name}.json").write_text(to_json(summaries, set=name, seed=SEED))


if __name__ == "__main__":
    main()
