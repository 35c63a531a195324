"""How good the noise estimate is over clean test pictures with known noise, as three Markdown tables.

    python benchmarks/noise_estimate.py FOLDER... [--every N]

Each FOLDER holds clean pictures. Every picture gets noise from ``default_rng([0, index])``: once unclipped in float32,
once clipped and rounded to 8 bit.

1. White noise: mean error of sigma at mean brightness ± standard deviation (largest error).
2. Noise that grows with brightness: mean error of the sigma map, as a share of it (the worst picture's), and the mean
   errors of gain and of sigma at black. White noise beside it: how often it gets a gain.
3. Whether the noise is white: mean correlation found, and the share of the pictures called not white.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.images.scale import PixelScale
from degrain.noise.base import NoiseModel
from degrain.noise.draw import NumpyDraw
from degrain.noise.estimate import NoiseEstimate, estimate_noise
from degrain.noise.table import parse
from degrain.sources.files import pictures_in

WHITE = {f"sigma {sigma}": f"gaussian:sigma={sigma}" for sigma in (0, 2, 5, 15, 25, 50, 75)}
GROWING = {
    "peak 30, sigma 5": "poisson_gaussian:peak=30,sigma=5",
    "peak 100, sigma 10": "poisson_gaussian:peak=100,sigma=10",
    "peak 300, sigma 2": "poisson_gaussian:peak=300,sigma=2",
    "peak 1000, sigma 1": "poisson_gaussian:peak=1000,sigma=1",
    "sigma 15": "gaussian:sigma=15",
}
GRAINS = {
    "clean": "gaussian:sigma=0",
    "sigma 5": "gaussian:sigma=5",
    "sigma 25": "gaussian:sigma=25",
    "peak 300, sigma 2": "poisson_gaussian:peak=300,sigma=2",
    "sigma 10, radius 0.5": "correlated:sigma=10,radius=0.5",
    "sigma 10, radius 1": "correlated:sigma=10,radius=1",
    "camera": "camera",
    "camera, JPEG 90": "camera+jpeg:quality=90",
}

Pair = tuple[Picture, NoiseEstimate]  # clean, and what was found in it with noise
Cell = Callable[[Sequence[Pair], NoiseModel], str]


def main() -> None:
    """One row per folder and storage in each table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take each such picture of a folder")
    args = parser.parse_args()
    sets = {folder: [read(path) for path in sorted(pictures_in(folder))[:: args.every]] for folder in args.folders}
    tables: Sequence[tuple[Mapping[str, str], Cell]] = ((WHITE, white), (GROWING, growing), (GRAINS, grains))
    for noises, cell in tables:
        print("| pictures | stored as |", *(f"{name} |" for name in noises))
        print("|---|---|" + "---|" * len(noises))
        for folder, pictures in sets.items():
            for kind in ("float32", "uint8"):
                cells = (cell(list(found(pictures, parse(noise), kind)), parse(noise)) for noise in noises.values())
                print(f"| {folder.name} ({len(pictures)}) | {kind} |", *(f"{text} |" for text in cells))
        print()


def white(pairs: Sequence[Pair], noise: NoiseModel) -> str:
    """Mean error ± standard deviation (largest error)."""
    errors = np.array([estimate.level.at(clean.unit().mean()) - noise.level.sigma for clean, estimate in pairs])
    return f"{errors.mean():+.2f} ± {errors.std():.2f} ({errors[np.abs(errors).argmax()]:+.1f})"


def growing(pairs: Sequence[Pair], noise: NoiseModel) -> str:
    """Errors of the map, of gain and of sigma; of white noise how often it gets a gain."""
    if not noise.level.gain:
        return f"gain in {sum(estimate.level.gain > 0 for _, estimate in pairs)}"
    maps = [map_error(clean, estimate, noise) for clean, estimate in pairs]
    gains = [abs(estimate.level.gain / noise.level.gain - 1) for _, estimate in pairs]
    sigmas = [abs(estimate.level.sigma - noise.level.sigma) for _, estimate in pairs]
    return f"{np.mean(maps):.1%} ({np.max(maps):.0%}); gain {np.mean(gains):.0%}, sigma {np.mean(sigmas):.1f}"


def map_error(clean: Picture, estimate: NoiseEstimate, noise: NoiseModel) -> float:
    """Mean over the pixels of what the sigma map is wrong by, as a share of the mean of the true one."""
    brightness = clean.unit().mean(axis=0).clip(0, 1)
    true = noise.level.at(brightness)
    return float(np.abs(estimate.level.at(brightness) - true).mean() / true.mean())


def grains(pairs: Sequence[Pair], noise: NoiseModel) -> str:
    """Mean correlation, and the share of the pictures called not white."""
    correlations = np.array([estimate.correlation for _, estimate in pairs])
    return f"{correlations.mean():.2f} ({(correlations > 0).mean():.0%})"


def found(pictures: Sequence[Picture], noise: NoiseModel, kind: str) -> Iterator[Pair]:
    """The pictures and what is found in them; float32 keeps what leaves the range, uint8 clips and rounds."""
    scale = PixelScale.of(kind)
    for index, clean in enumerate(pictures):
        spoilt = noise.apply(clean.unit(), NumpyDraw(np.random.default_rng([0, index])))
        yield clean, estimate_noise(Picture(scale.to_stored(spoilt.transpose(1, 2, 0)), scale))


if __name__ == "__main__":
    main()
