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
    help="NAME:KEY=VALUE,...; LOW..HIGH draws, + joins, | chooses.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same pixels.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def noise(picture: Path, output: Path, description: str, seed: int, overwrite: bool) -> None:
    """Spoil a picture with noise of known kind and strength.

    What does not fit into the file's type is clipped and rounded. The kinds, and what they take:

    \b
    gaussian          sigma                      white, additive
    correlated        sigma, radius              blurred to grains of some pixels
    uniform           width                      additive, spread evenly
    speckle           sigma                      grows with the signal; sigma is that at white
    poisson           peak                       counted photons, so many at white
    poisson_gaussian  peak, sigma                counted, then read out
    camera            peak, read, red, blue, colour, gradient, soft, chroma, quality
                                                 counted on a mosaic, developed, softened, coded
    mottle            peak, dose, blur, sigma    X-ray quanta, detector blur, electronic noise
    salt_and_pepper   amount, salt               share of the samples, and of white among them
    masking           amount                     share of the pixels set to black
    jpeg              quality                    1 is worst, 100 best
    quantise          bits                       few values; nothing can follow it

    sigma and width are on the 0..255 scale, blur, radius, soft and chroma in pixels, read in electrons.

    \b
    degrain noise photo.png -o noisy.png --noise gaussian:sigma=25 --seed 0
    degrain noise photo.png -o noisy.png --noise gaussian:sigma=5..50
    degrain noise photo.png -o noisy.png --noise poisson:peak=30+gaussian:sigma=5+jpeg:quality=60
    """
    import numpy as np

    from degrain.images.finite import check_clean
    from degrain.images.read import read
    from degrain.images.write import check_writable, write
    from degrain.noise.draw import NumpyDraw
    from degrain.noise.table import parse
    from degrain.storage.places import place_of

    if place_of(output) == place_of(picture):
        raise click.UsageError(f"the result would replace the input {picture}; name another file")
    check_writable(output, overwrite=overwrite)
    clean = read(picture)
    check_clean(clean)
    draw = NumpyDraw(np.random.default_rng(seed))
    pinned = parse(description).pin(draw)
    write(clean.with_unit(pinned.apply(clean.unit(), draw)), output, overwrite=overwrite)
    click.echo(f"{output}  ({pinned})")
