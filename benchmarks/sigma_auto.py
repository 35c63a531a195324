"""What it costs that nobody knows the noise level: python benchmarks/sigma_auto.py FOLDER... [-m MODEL] [--every N]

Each FOLDER holds clean pictures. Every picture gets noise from ``default_rng([0, index])`` and is cleaned three times:
told the true level, told what ``auto`` measures, and told nothing. Prints the mean PSNR in dB as a Markdown table, and
in brackets the picture that loses most by ``auto``. float32 keeps what the noise pushes out of the range, uint8 clips
and rounds it, as a file does. A second table shows what becomes of all the clean pictures, against themselves, also by
``degrain denoise`` with nothing said, which chooses a model for each.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from degrain.denoisers.zoo import AUTO, WHITE, open_denoiser
from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.images.scale import EIGHT_BIT, PixelScale
from degrain.inference.cleaning import Cleaning, Sigma
from degrain.inference.engine import Engine
from degrain.metrics.fidelity import psnr
from degrain.noise.base import NoiseModel
from degrain.noise.draw import NumpyDraw
from degrain.noise.gaussian import Gaussian
from degrain.noise.level import BLIND
from degrain.noise.poisson import PoissonGaussian
from degrain.sources.files import pictures_in

NOISES: dict[str, NoiseModel] = {f"sigma {sigma}": Gaussian(sigma) for sigma in (5, 15, 25, 50)}
NOISES |= {f"peak {peak}, sigma {sigma}": PoissonGaussian(peak, sigma) for peak, sigma in ((30, 5), (300, 2))}


def main() -> None:
    """One row per folder, storage and noise; then one per folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("-m", "--model", default=WHITE, help="a name from `degrain models`, or a file")
    parser.add_argument("--every", type=int, default=1, help="put noise on each such picture of a folder")
    parser.add_argument("--threads", type=int, help="processor cores; default all")
    args = parser.parse_args()
    engine = Engine(open_denoiser(args.model, args.threads))
    sets = {folder.name: [read(path) for path in sorted(pictures_in(folder))] for folder in args.folders}
    print("| pictures | stored as | noise | true | auto | blind | auto - true (worst) |")
    print("|---|---|---|---|---|---|---|")
    for folder, pictures in sets.items():
        some = pictures[:: args.every]
        for kind in ("float32", "uint8"):
            for name, noise in NOISES.items():
                print(f"| {folder} ({len(some)}) | {kind} | {name} | {scores(engine, some, noise, kind)} |")
    print("\n| clean pictures | cleaned by | unchanged | PSNR of the others | worst |")
    print("|---|---|---|---|---|")
    ways = {
        f"{args.model}, auto": Cleaning(engine, "auto"),
        f"{args.model}, blind": Cleaning(engine, BLIND),
        "the model that auto takes": Cleaning.by(AUTO, threads=args.threads),
    }
    for folder, pictures in sets.items():
        for name, cleaning in ways.items():
            print(f"| {folder} ({len(pictures)}) | {name} | {kept(cleaning, pictures)} |")


def scores(engine: Engine, pictures: Sequence[Picture], noise: NoiseModel, kind: str) -> str:
    """Mean PSNR with the true level, with auto, blind; what auto loses."""
    ways: tuple[Sigma, ...] = (noise.level, "auto", BLIND)
    table = []
    for index, clean in enumerate(pictures):
        noisy = spoilt(clean, noise, index, kind)
        table.append([after(Cleaning(engine, way), noisy, clean) for way in ways])
    true, auto, blind = np.array(table).T
    lost = auto - true
    return " | ".join(
        [*(f"{values.mean():.2f}" for values in (true, auto, blind)), f"{lost.mean():+.3f} ({lost.min():+.2f})"]
    )


def kept(cleaning: Cleaning, pictures: Sequence[Picture]) -> str:
    """How many clean pictures stay, and how far the others are from what comes out."""
    values = np.array([after(cleaning, clean, clean) for clean in pictures])
    changed = values[np.isfinite(values)]
    least = [f"{changed.mean():.1f}", f"{changed.min():.1f}"] if len(changed) else ["-", "-"]
    return " | ".join([str(len(values) - len(changed)), *least])


def spoilt(clean: Picture, noise: NoiseModel, index: int, kind: str) -> Picture:
    """The picture with noise, stored so."""
    scale = PixelScale.of(kind)
    unit = noise.apply(clean.unit(), NumpyDraw(np.random.default_rng([0, index])))
    return Picture(scale.to_stored(unit.transpose(1, 2, 0)), scale)


def after(cleaning: Cleaning, noisy: Picture, clean: Picture) -> float:
    """PSNR of the cleaned picture, clipped and rounded to 8 bit."""
    cleaned = cleaning.picture(noisy).clean
    rounded = EIGHT_BIT.to_unit(EIGHT_BIT.to_stored(cleaned.unit()))
    return psnr(clean.unit(), rounded)


if __name__ == "__main__":
    main()
