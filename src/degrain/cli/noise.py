"""``degrain noise``."""

from pathlib import Path

import click


@click.command()
@click.argument("picture", metavar="INPUT", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The noisy picture to write.")
@click.option(
    "--noise",
    "description",
    default="gaussian:sigma=25",
    show_default=True,
    help="NAME:KEY=VALUE; LOW..HIGH draws the value.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same pixels.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def noise(picture: Path, output: Path, description: str, seed: int, overwrite: bool) -> None:
    """Spoil a picture with noise of known kind and strength.

    sigma is on the 0..255 scale. What does not fit into the file's type is clipped and rounded.

    \b
    degrain noise photo.png -o noisy.png --noise gaussian:sigma=25 --seed 0
    degrain noise photo.png -o noisy.png --noise gaussian:sigma=5..50
    """
    import numpy as np

    from degrain.images.read import read
    from degrain.images.write import check_writable, write
    from degrain.noise.draw import NumpyDraw
    from degrain.noise.table import parse

    check_writable(output, overwrite=overwrite)
    clean = read(picture)
    draw = NumpyDraw(np.random.default_rng(seed))
    pinned = parse(description).pin(draw)
    write(clean.with_unit(pinned.apply(clean.unit(), draw)), output, overwrite=overwrite)
    click.echo(f"{output}  (sigma {255 * pinned.level:.1f})")
