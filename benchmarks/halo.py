"""How far a pixel reaches in a model: python benchmarks/halo.py [MODEL]

Cuts noisy pictures in two and compares what the model makes of a half with what it makes of the whole: the largest
difference beyond a distance from the cut is what a halo of that width would leave. Photographs of $DEGRAIN_DATA/train,
and what is harder: stripes, an edge of black and white, noise alone. Sigma from 0 to 75, told and not told. Prints a
Markdown table in eighths of an 8-bit level.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from degrain.denoisers.base import Denoiser
from degrain.denoisers.zoo import open_denoiser
from degrain.images.scale import Unit
from degrain.noise.level import NoiseLevel
from degrain.sources.folder import Folder

DATA = Path(os.environ.get("DEGRAIN_DATA", "data"))
SIDE, CUT = 512, 248  # pixels; the cut is a multiple of the strides and no middle
HALOS = range(0, 105, 8)
EIGHTH = 1 / 2040  # of an 8-bit level
TOLD = ((0, 0), (0, 25), (5, 0), (5, 5), (25, 0), (25, 25), (75, 0), (75, 75))  # sigma, and what the model is told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="small")
    parser.add_argument("--every", type=int, default=20, help="take one photograph of so many")
    args = parser.parse_args()
    denoiser = open_denoiser(args.model)
    print(f"| halo | {' | '.join(map(str, HALOS))} |\n|---|{'---|' * len(HALOS)}")
    for name, pictures in {"photographs": photographs(args.every), "stripes, edge, noise": made()}.items():
        worst = np.max([left_over(denoiser, clean) for clean in pictures], axis=0)
        print(f"| {name} | {' | '.join(f'{value / EIGHTH:.2f}' for value in worst)} |", flush=True)


def photographs(every: int) -> Iterator[Unit]:
    """Clean pictures (3, 512, 512)."""
    for item in Folder(DATA / "train" / "pack1_cid22").items()[::every]:
        yield item.load().unit()[:, :SIDE, :SIDE]


def made() -> Iterator[Unit]:
    """Stripes, an edge, and nothing."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    for plane in ((columns // 7 + rows // 5) % 2, columns + rows > SIDE, 0.5 + 0 * rows):
        yield np.repeat(plane[np.newaxis], 3, axis=0).astype(np.float32)


def left_over(denoiser: Denoiser, clean: Unit) -> Unit:
    """The largest difference beyond each halo, unit range, over all noise levels and two directions."""
    rng, curves = np.random.default_rng(0), []
    for sigma, told in TOLD:
        noisy = (clean + sigma / 255 * rng.standard_normal(clean.shape, np.float32))[np.newaxis]
        for tiles in (noisy, noisy.swapaxes(2, 3)):
            before = tiles[..., :CUT]
            whole, part = (denoiser(some, NoiseLevel(told).map(some))[..., :CUT] for some in (tiles, before))
            by_distance = np.abs(part - whole).max(axis=(0, 1, 2))[::-1]  # the nearest to the cut first
            curves.append([by_distance[halo:].max() for halo in HALOS])
    worst: Unit = np.max(curves, axis=0)
    return worst


if __name__ == "__main__":
    main()
