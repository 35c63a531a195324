"""``degrain compare``."""

from typing import Any

import click
from click.core import ParameterSource

from degrain.cli.comparison import FILE, LeftOut, Targets, comparison
from degrain.cli.progress import Bar
from degrain.cli.values import CropType, SigmaType

NO_NOISE = "none"


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="PICTURE...")
@click.option("-o", "--output", "panel", type=FILE, help="Write all results side by side, what was removed below them.")
@click.option(
    "--noise", default=NO_NOISE, show_default=True, help="NAME:KEY=VALUE to spoil clean pictures first, and measure."
)
@click.option(
    "--sigma",
    type=SigmaType(),
    help="Level that models are told, 0..255 scale; 0 tells none, auto measures. Default: the true one with --noise, "
    "else auto.",
)
@click.option("--crop", type=CropType(), help="The detail to show large; default the busiest place.")
@comparison
def compare(
    inputs: tuple[str, ...],
    models: tuple[str, ...],
    metrics: tuple[str, ...],
    noise: str,
    sigma: Any,
    crop: Any,
    seed: int,
    threads: int | None,
    **targets: Any,
) -> None:
    """Show what models make of pictures, side by side, and what each of them removed.

    PICTURE is files, folders, globs. They are taken as they are; with --noise they are taken as clean, spoilt with one
    frozen draw, the same for every model, and measured as by degrain evaluate.

    \b
    degrain compare scan.png -m auto -m base -m nlm -o side_by_side.png
    degrain compare photo.png -m small -m tv --noise gaussian:sigma=25 -o panel.png
    degrain compare scans/ -m small -m mine.onnx --sigma 12 --crop 120,80,96,96 --html report.html
    """
    from degrain.errors import ImageError
    from degrain.evaluation.benchmark import Benchmark
    from degrain.evaluation.exhibit import exhibit, to_panel
    from degrain.evaluation.html import to_section
    from degrain.evaluation.rows import Row
    from degrain.images.formats import SUFFIXES
    from degrain.images.panel import stacked
    from degrain.images.read import read
    from degrain.inference.cleaning import Cleaning
    from degrain.noise.table import parse
    from degrain.storage.places import find_pictures

    if not models:
        raise click.UsageError("name a model at least: -m small")
    wanted = Targets(**targets)
    paths = find_pictures(inputs, SUFFIXES)
    wanted.spare(paths)
    if noise == NO_NOISE and _was_given("metrics"):
        click.echo("note: without --noise nobody knows the clean picture, --metric is not used", err=True)
    drawn, called = (None, "") if noise == NO_NOISE else (parse(noise), noise)
    benchmark = Benchmark(
        {name: Cleaning.by(name, threads=threads) for name in models}, metrics, seed=seed, sigma=sigma
    )
    rows: list[Row] = []
    panels, sections, left_out = [], [], LeftOut(len(paths))
    with Bar("compare") as bar:
        for index, path in enumerate(paths):
            try:
                shown = exhibit(benchmark, read(path), str(path), index, drawn, called, crop)
            except ImageError as error:
                left_out.add(error)
                continue
            rows += shown.rows
            panels += [to_panel(shown)] if wanted.panel else []
            sections += [to_section(shown)] if wanted.html else []
            bar(index + 1, len(paths))
    wanted.write_csv(rows)
    wanted.write_html(rows, sections, "degrain compare")
    wanted.tell(rows, **({"seed": seed, "clipped": False} if drawn else {}))
    wanted.write_panel(lambda: stacked(panels))  # the last: a format may be too small for so many
    left_out.end()


def _was_given(option: str) -> bool:
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE
