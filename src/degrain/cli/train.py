"""``degrain train``."""

import click

from degrain import lazy


@click.command()
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
def train(overrides: tuple[str, ...]) -> None:
    """Train a model; settings are Hydra overrides of the recipe.

    The run folder (runs/NAME/TIME, or run_dir=FOLDER) receives config.yaml, metrics.csv, loss.png, samples, checkpoints
    and, at the end, model.onnx. A run killed at any moment goes on with resume=FOLDER as if nothing had happened.

    \b
    degrain train experiment=adapt source.root=photos/   small goes on with yours
    degrain train experiment=small source=folder source.root=photos/  one of your own
    degrain train experiment=small                       the bundled one: DEGRAIN_DATA
    degrain train experiment=small trainer.live=async    watch it in live.html
    degrain train resume=runs/small/2026-01-31_12-00-00  go on
    degrain train experiment=small trainer.max_steps=200000 optimizer.lr=0.001 data.batch=16
    """
    run = lazy.load("degrain.training.run:train", extra="train")
    folder = run(overrides)
    if lazy.load("degrain.training.processes:is_first")():
        click.echo(folder)
