"""How like a camera's the noise of ``camera`` is: python benchmarks/camera_noise.py FOLDER...

Each FOLDER holds real pairs: noisy/ and clean/ with the same file names. What lies between them is measured beside
what the noise (``noise=camera`` as trained with, or ``--noise``) makes of the same clean pictures. Prints a Markdown
table, the median over pictures and draws, and in brackets the tenth and the ninetieth percentile.

All is read from the cross-spectra of 64 x 64 blocks, from a period of 32 pixels down: longer waves are differences
of light and place between the two captures more than noise. Power is by frequency in cycles per pixel; white is 1.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from omegaconf import OmegaConf

from degrain.images.read import read
from degrain.images.scale import Unit
from degrain.noise.base import NoiseModel
from degrain.noise.draw import NumpyDraw
from degrain.noise.table import described, parse
from degrain.sources.files import pictures_in

Floats = npt.NDArray[np.float64]

SIDE = 64  # of a block, pixels
LONGEST = 32  # period of the longest wave, pixels
BANDS = (1 / LONGEST, 1 / 8, 1 / 4, 3 / 8, 1 / 2)  # cycles per pixel
DRAWS = 4  # of the noise for each picture
LUMA_CHROMA = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / np.sqrt([[3], [2], [6]])  # orthonormal


def main() -> None:
    """One pair of rows per folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--noise", type=parse, default=recipe("camera"), help="its short form")
    args = parser.parse_args()
    rows = {}
    for folder in args.folders:
        pairs = list(real_pairs(folder))
        rows[f"{folder.name}, real"] = noisy_minus_clean(pairs)
        rows[f"{folder.name}, made"] = made(args.noise, [clean for clean, _ in pairs])
    print(table({name: [measured(residual) for residual in residuals] for name, residuals in rows.items()}))


def recipe(name: str) -> NoiseModel:
    """The noise that training finds under that name."""
    settings = OmegaConf.to_container(OmegaConf.create((files("degrain.conf") / f"noise/{name}.yaml").read_text()))
    return described(settings)


def real_pairs(folder: Path) -> Iterator[tuple[Unit, Unit]]:
    """Clean and noisy pixels (3, H, W) of every scene."""
    noisy = {path.stem: path for path in pictures_in(folder / "noisy")}
    for clean in sorted(pictures_in(folder / "clean")):
        yield read(clean).unit(), read(noisy[clean.stem]).unit()


def noisy_minus_clean(pairs: Iterable[tuple[Unit, Unit]]) -> Iterator[Unit]:
    """What spoils them."""
    return (noisy - clean for clean, noisy in pairs)


def made(noise: NoiseModel, cleans: Iterable[Unit]) -> Iterator[Unit]:
    """Some draws of the noise for each clean picture, clipped and rounded to 8 bit as the real ones are."""
    for index, clean in enumerate(cleans):
        for number in range(DRAWS):
            draw = NumpyDraw(np.random.default_rng([0, index, number]))
            yield np.rint(255 * noise.pin(draw).apply(clean, draw).clip(0, 1)) / 255 - clean


def measured(residual: Unit) -> Mapping[str, float]:
    """Everything that the table shows of one residual (3, H, W)."""
    spectra = cross_spectra(255 * residual.astype(np.float64))
    frequency = np.fft.fftfreq(SIDE)
    radius = np.hypot(frequency[:, np.newaxis], frequency)
    spectra[..., radius < 1 / LONGEST] = 0
    covariance = spectra.mean((2, 3))
    red, green, blue = np.sqrt(covariance.diagonal())
    correlation = covariance / np.sqrt(np.outer(covariance.diagonal(), covariance.diagonal()))
    luma, *chromas = np.einsum("ij,jkyx,ik->iyx", LUMA_CHROMA, spectra, LUMA_CHROMA)
    chroma = (chromas[0] + chromas[1]) / 2
    values = {"RMS": np.sqrt(covariance.trace() / 3), "red/green": red / green, "blue/green": blue / green}
    values |= {"channels correlate": correlation[np.triu_indices(3, 1)].mean()}
    values |= {"luma/chroma": np.sqrt(luma.mean() / chroma.mean())}
    for name, power in (("luma", luma), ("chroma", chroma)):
        values[f"{name} at lag 1"] = (power * np.cos(2 * np.pi * frequency)).sum() / power.sum()
        for low, high in pairwise(BANDS):
            band = (low <= radius) & (radius < high)
            values[f"{name} {low:.3g}..{high:.3g}"] = power[band].mean() / power.mean()
    return values


def cross_spectra(residual: Floats) -> Floats:
    """(3, 3, SIDE, SIDE), the mean over blocks; its own mean over frequencies is the covariance of the channels."""
    window = np.outer(np.hanning(SIDE), np.hanning(SIDE))
    blocks = np.lib.stride_tricks.sliding_window_view(residual, (SIDE, SIDE), (1, 2))[:, :: SIDE // 2, :: SIDE // 2]
    waves = np.fft.fft2((blocks - blocks.mean((3, 4), keepdims=True)) * window)
    spectra: Floats = np.einsum("iabyx,jabyx->ijyx", waves, waves.conj()).real
    return spectra / (blocks.shape[1] * blocks.shape[2] * np.square(window).sum())


def table(rows: Mapping[str, list[Mapping[str, float]]]) -> str:
    """Measures down, sets across."""
    lines = [f"| | {' | '.join(rows)} |", "|---|" + "---|" * len(rows)]
    names = next(iter(rows.values()))[0]
    lines += [f"| {name} | {' | '.join(cell([one[name] for one in row]) for row in rows.values())} |" for name in names]
    return "\n".join(lines)


def cell(values: list[float]) -> str:
    """Median (tenth .. ninetieth percentile)."""
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return f"{middle:.2f} ({low:.2f}..{high:.2f})"


if __name__ == "__main__":
    main()
