"""Real noise, real references: python benchmarks/real_noise.py -m photo -m small -m nlm FOLDER...

Each FOLDER holds pairs: clean/NAME.png with noisy/NAME.png, or several captures noisy/NAME_1.png, NAME_2.png, ...
Nobody knows the noise level there: it is measured (a plain NAME), left to the model (``NAME=0``) or given; the model
``auto`` is what ``degrain denoise`` takes. Prints a Markdown table: PSNR and SSIM over all captures, the change of PSNR
against doing nothing, in the mean and at worst, and the share of captures that the model made worse by over 0.1 dB.

Where the references are JPEGs, cut on their 8x8 grid, ``--jpeg QUALITY`` makes JPEGs of all that is compared with them:
what JPEG does to fine texture is then no longer counted as noise.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import numpy as np

from degrain.evaluation.rows import Row, Trial, measure
from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.inference.cleaning import Cleaning, Sigma
from degrain.noise.draw import NumpyDraw
from degrain.noise.jpeg import Jpeg
from degrain.sources.files import pictures_in

HARM = 0.1  # dB
HEADINGS = ["pictures", "model", "told, mean", "PSNR", "SSIM", "change", "worst", "made worse"]


def captures(folder: Path) -> Iterator[tuple[str, Picture, Picture]]:
    """Name, noisy and clean picture of every capture."""
    clean = {path.stem: path for path in pictures_in(folder / "clean")}
    for path in sorted(pictures_in(folder / "noisy")):
        reference = clean.get(path.stem) or clean.get(path.stem.rpartition("_")[0])
        if reference is None:
            raise SystemExit(f"{path} has no clean picture in {folder / 'clean'}")
        yield path.stem, read(path), read(reference)


def before(folder: Path, quality: int | None = None) -> list[Row]:
    """The rows of the captures as they came; as JPEGs of a quality."""
    return [row("", 0.0, noisy, noisy, clean, key, quality) for key, noisy, clean in captures(folder)]


def after(name: str, sigma: Sigma, folder: Path, quality: int | None = None) -> list[Row]:
    """The rows of what a model makes of them; as JPEGs of a quality."""
    cleaning, rows = Cleaning.by(name, sigma), []
    for key, noisy, clean in captures(folder):
        done = cleaning.picture(noisy)
        rows.append(row(name, done.sigma, noisy, done.clean, clean, key, quality))
    return rows


def row(name: str, told: float, noisy: Picture, answer: Picture, clean: Picture, key: str, quality: int | None) -> Row:
    """How near an answer is."""
    stored = answer if quality is None else as_jpeg(answer, quality)
    return measure(Trial(name, "", told, noisy.unit(), stored.unit(), 0.0), clean.unit(), key, "", ["psnr", "ssim"])


def as_jpeg(picture: Picture, quality: int) -> Picture:
    """The picture as it comes back from a JPEG, colour at half the resolution."""
    return picture.with_unit(Jpeg(quality).apply(picture.unit(), NumpyDraw(np.random.default_rng(0))))


def line(folder: Path, name: str, rows: list[Row], came: list[Row]) -> str:
    """One line of the table."""
    psnr, ssim = (mean(row.values[metric] for row in rows) for metric in ("psnr", "ssim"))
    changes = [one.values["psnr"] - other.values["psnr"] for one, other in zip(rows, came, strict=True)]
    worse = sum(change < -HARM for change in changes) / len(changes)
    told = f"{mean(row.sigma for row in rows):.1f}" if any(row.sigma for row in rows) else "-"
    cells = [folder.name, name, told, f"{psnr:.2f}", f"{ssim:.4f}"]
    return f"| {' | '.join([*cells, f'{mean(changes):+.2f}', f'{min(changes):+.2f}', f'{worse:.0%}'])} |"


def asked(text: str) -> tuple[str, Sigma]:
    """``NAME`` or ``NAME=SIGMA``."""
    name, _, sigma = text.partition("=")
    return name, "auto" if sigma in ("", "auto") else float(sigma)


def main() -> None:
    """One line for each folder and model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("-m", "--model", action="append", required=True, type=asked, metavar="NAME[=SIGMA]")
    parser.add_argument("--jpeg", type=int, metavar="QUALITY")
    args = parser.parse_args()
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    for folder in args.folders:
        came = before(folder, args.jpeg)
        print(line(folder, "as it came", came, came), flush=True)
        for name, sigma in args.model:
            called = name if sigma == "auto" else f"{name}={sigma:g}"
            print(line(folder, called, after(name, sigma, folder, args.jpeg), came), flush=True)


if __name__ == "__main__":
    main()
