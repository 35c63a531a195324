"""``degrain evaluate``."""

from itertools import count
from pathlib import Path

import click

from degrain.cli.progress import Bar

STDOUT = Path("-")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("-m", "--model", "models", multiple=True, required=True, help="A name or a file; give it again for more.")
@click.option(
    "--noise",
    "noises",
    multiple=True,
    default=["gaussian:sigma=25"],
    show_default=True,
    help="NAME:KEY=VALUE; give it again for more.",
)
@click.option("--gray", is_flag=True, help="Compare on luma instead of colour.")
@click.option("--blind", is_flag=True, help="Tell no model the noise level.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the noise.")
@click.option("--threads", type=click.IntRange(min=1), default=None, help="Processor cores; default all.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Write the rows as JSON; - for stdout.",
)
@click.option(
    "--panel", "panel_file", type=click.Path(path_type=Path), help="Write the first picture's results side by side."
)
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
def evaluate(
    folder: Path,
    models: tuple[str, ...],
    noises: tuple[str, ...],
    gray: bool,
    blind: bool,
    seed: int,
    threads: int | None,
    json_file: Path | None,
    panel_file: Path | None,
    overwrite: bool,
) -> None:
    """Compare models on clean pictures, all under the very same noise.

    Noise is drawn in float, unclipped, from the seed and the picture's place in the list; results are clipped and
    rounded to 8 bit before they are measured. A model that takes a noise level is told the true one, unless --blind.

    \b
    degrain evaluate photos/ -m small -m nlm --noise gaussian:sigma=25
    degrain evaluate photos/ -m small --noise gaussian:sigma=15 --noise gaussian:sigma=50 --gray
    degrain evaluate photos/ -m small -m mine.onnx --panel side_by_side.png --json rows.json
    """
    from degrain.denoisers.zoo import open_denoiser
    from degrain.evaluation.benchmark import Benchmark
    from degrain.evaluation.report import to_json, to_markdown, to_panel
    from degrain.evaluation.rows import summarise
    from degrain.images.write import check_writable, write
    from degrain.noise.table import parse
    from degrain.sources.folder import Folder
    from degrain.storage.atomic import check_target, whole_file

    json_path = None if json_file == STDOUT else json_file
    if json_path:
        check_target(json_path, overwrite=overwrite)
    if panel_file:
        check_writable(panel_file, overwrite=overwrite)
    drawn = {text: parse(text) for text in noises}
    benchmark = Benchmark({name: open_denoiser(name, threads) for name in models}, seed=seed, blind=blind, gray=gray)
    items = Folder(folder).items()
    total = len(items) * len(drawn) * (1 + len(benchmark.denoisers))
    with Bar(folder.name) as bar:
        steps = count(1)
        summaries = summarise(benchmark.run(items, drawn, on_row=lambda row: bar(next(steps), total)))
    click.echo(to_json(summaries, seed) if json_file == STDOUT else to_markdown(summaries), nl=False)
    if json_path:
        with whole_file(json_path, overwrite=overwrite) as file:
            file.write(to_json(summaries, seed).encode())
    if panel_file:
        write(to_panel(benchmark, items[0], 0, next(iter(drawn.values()))), panel_file, overwrite=overwrite)
