"""``degrain evaluate``."""

from collections.abc import Iterator, Sequence
from itertools import count, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from degrain import lazy
from degrain.cli.comparison import FILE, LeftOut, Targets, comparison
from degrain.cli.progress import Bar

if TYPE_CHECKING:
    from degrain.evaluation.exhibit import Exhibit
    from degrain.evaluation.rows import Row
    from degrain.sources.base import Item


@click.command()
@click.argument("folder", type=FILE, metavar="FOLDER|RUN")
@click.option(
    "--noise",
    "noises",
    multiple=True,
    help="NAME:KEY=VALUE, give it again for more; default gaussian:sigma=25, or those of the run.",
)
@click.option("--gray", is_flag=True, help="Compare on luma instead of colour.")
@click.option("--blind", is_flag=True, help="Tell no model the noise level.")
@click.option("--panel", type=FILE, help="Write the first picture's results side by side.")
@comparison
def evaluate(
    folder: Path,
    models: tuple[str, ...],
    noises: tuple[str, ...],
    metrics: tuple[str, ...],
    gray: bool,
    blind: bool,
    seed: int,
    threads: int | None,
    **targets: Any,
) -> None:
    """Compare models on clean pictures, all under the very same noise.

    Given the folder of a training run, its own model is measured on the pictures that the run held out.

    Noise is drawn in float, unclipped, from the seed and the picture's place in the list; results are clipped and
    rounded to 8 bit before they are measured. A model that takes a noise level is told the true one, unless --blind.

    \b
    degrain evaluate photos/ -m small -m nlm --noise gaussian:sigma=25
    degrain evaluate photos/ -m small --noise gaussian:sigma=15 --noise gaussian:sigma=50 --gray
    degrain evaluate photos/ -m small -m mine.onnx --metric ciede2000 --html report.html
    degrain evaluate runs/histology_vit/2026-01-31_12-00-00 -m small -m nlm
    """
    from degrain.evaluation.benchmark import Benchmark
    from degrain.evaluation.exhibit import exhibit, to_panel
    from degrain.evaluation.html import to_section
    from degrain.evaluation.rows import summarise
    from degrain.inference.cleaning import Cleaning
    from degrain.noise.table import parse
    from degrain.sources.files import path_of

    wanted = Targets(**targets)
    items, files, noises = _asked(folder, models, noises)
    drawn = {text: parse(text) for text in noises}
    cleanings = {name: Cleaning.by(file, threads=threads) for name, file in files.items()}
    benchmark = Benchmark(cleanings, metrics, seed=seed, sigma=0 if blind else None, gray=gray)
    wanted.spare(path for path in map(path_of, items) if path)
    total, left_out = len(items) * len(drawn) * (1 + len(cleanings)), LeftOut(len(items))
    with Bar(folder.name) as bar:
        steps = count(1)
        rows = benchmark.run(items, drawn, on_row=lambda row: bar(next(steps), total), on_refused=left_out.add)
    summaries = summarise(rows)
    places = {item.key: index for index, item in enumerate(items)}

    def shown(key: str, noise: str) -> "Exhibit":
        place = places[key]
        return exhibit(benchmark, items[place].load(), key, place, drawn[noise], noise)

    worst = _telling(rows, next(iter(cleanings)))
    wanted.write_csv(rows)
    wanted.write_html(summaries, map(to_section, starmap(shown, worst)), f"degrain evaluate {folder}")
    wanted.write_panel(lambda: to_panel(shown(rows[0].picture, rows[0].noise)))
    wanted.tell(summaries, seed=seed, clipped=False)
    left_out.end()


def _asked(
    folder: Path, models: tuple[str, ...], noises: tuple[str, ...]
) -> "tuple[Sequence[Item], dict[str, str], tuple[str, ...]]":
    """Pictures, model files by name, and noises: of a folder of pictures, or of a run and what it held out."""
    from degrain.denoisers.zoo import list_models
    from degrain.sources.folder import Folder
    from degrain.storage.run_folder import RunFolder

    named = {name: name for name in models}
    if RunFolder(folder).begun():
        run = lazy.load("degrain.training.held_out:held_out", extra="train")(folder)
        taken = {*named, *(model.name for model in list_models())}
        own = str(folder) if run.name in taken else run.name  # nobody takes it for the bundled one
        return run.items, {own: str(run.model), **named}, noises or tuple(run.noises)
    if not models:
        raise click.UsageError("name a model at least: -m small")
    return Folder(folder).items(), named, noises or ("gaussian:sigma=25",)


def _telling(rows: "Sequence[Row]", model: str) -> "Iterator[tuple[str, str]]":
    """Pictures to show and their noise: under each noise the one on which a model did worst, and the middle one."""
    for noise in dict.fromkeys(row.noise for row in rows):
        of_model = (row for row in rows if (row.noise, row.model) == (noise, model))
        ranked = sorted(of_model, key=lambda row: row.values["psnr"])
        for picture in dict.fromkeys((ranked[0].picture, ranked[len(ranked) // 2].picture)):
            yield picture, noise
