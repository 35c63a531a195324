"""Bias and spread of the noise estimate over clean test pictures with known white noise, as a Markdown table.

    python benchmarks/noise_estimate.py FOLDER...

Each FOLDER holds clean pictures. Every picture gets noise from ``default_rng([0, index])``: once unclipped in float32,
once clipped and rounded to 8 bit.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.images.scale import PixelScale
from degrain.noise.draw import NumpyDraw
from degrain.noise.estimate import estimate_sigma
from degrain.noise.gaussian import Gaussian

SIGMAS = (0, 2, 5, 15, 25, 50, 75)


def main(folders: list[str]) -> None:
    """Print one row per folder and storage."""
    print("| pictures | stored as |", *(f"sigma {sigma} |" for sigma in SIGMAS))
    print("|---|---|" + "---|" * len(SIGMAS))
    for folder in map(Path, folders):
        pictures = [read(path) for path in sorted(folder.iterdir())]
        for kind in ("float32", "uint8"):
            cells = (cell(pictures, sigma, kind) for sigma in SIGMAS)
            print(f"| {folder.name} ({len(pictures)}) | {kind} |", *(f"{text} |" for text in cells))


def cell(pictures: list[Picture], sigma: float, kind: str) -> str:
    """Mean error ± standard deviation (largest error)."""
    errors = np.array([estimate_sigma(picture) - sigma for picture in noisy(pictures, sigma, kind)])
    return f"{errors.mean():+.2f} ± {errors.std():.2f} ({errors[np.abs(errors).argmax()]:+.1f})"


def noisy(pictures: list[Picture], sigma: float, kind: str) -> Iterator[Picture]:
    """The pictures with noise; float32 keeps what leaves the range, uint8 clips and rounds."""
    scale = PixelScale.of(kind)
    for index, picture in enumerate(pictures):
        spoilt = Gaussian(sigma).apply(picture.unit(), NumpyDraw(np.random.default_rng([0, index])))
        yield Picture(scale.to_stored(spoilt.transpose(1, 2, 0)), scale)


if __name__ == "__main__":
    main(sys.argv[1:])
