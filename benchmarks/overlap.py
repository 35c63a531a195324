"""That no test picture is among those that models are trained on: python benchmarks/overlap.py [FOLDER...]

Compares the pictures of every source that the recipes name, and those below each FOLDER, with the test pictures:
$DEGRAIN_DATA/test/ and the clean sides of real_noise/ and domains/microscopy/. Finds a picture again however it was
turned, mirrored, scaled or recompressed, and with up to a tenth of each side cropped away; a small part of a large
picture it does not find. Distance is one minus the correlation of fingerprints, see ``degrain.sources.duplicates``.

Prints the closest pair of every test set as a Markdown table. Exit code 1 when a pair is a near-duplicate.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from omegaconf import OmegaConf

from degrain.sources.base import Item
from degrain.sources.duplicates import ALIKE, Floats, fingerprint, similarity, views
from degrain.sources.folder import Folder
from degrain.sources.table import open_source

Pictures = Mapping[str, Sequence[Item]]  # by the name of their set

NEAR = 1 - ALIKE  # distance up to which two pictures are near-duplicates
BLOCK = 64  # training pictures compared at once


def main() -> None:
    """Compare, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="trained on as well")
    parser.add_argument("--only", action="store_true", help="no more than the folders: leave the recipes' sources out")
    parser.add_argument("--tests", nargs="+", type=Path, default=[*test_folders()], help="folders of test pictures")
    args = parser.parse_args()
    trained = {} if args.only else dict(recipe_sources())
    trained |= {str(folder): Folder(folder).items() for folder in args.folders}
    tests = pictures_of(args.tests)
    if not trained or not tests:
        parser.error("nothing to compare: give a FOLDER, and --tests or DEGRAIN_DATA")
    sys.exit(int(report(trained, tests) <= NEAR))


def recipe_sources() -> Iterator[tuple[str, Sequence[Item]]]:
    """The sources that come with a place of their own; others are only named by the person who trains."""
    for path in sorted((files("degrain.conf") / "source").iterdir(), key=lambda path: path.name):
        config = OmegaConf.create(path.read_text())
        if path.name.endswith(".yaml") and not OmegaConf.is_missing(config, "root"):
            yield (
                path.name.removesuffix(".yaml"),
                open_source(config.name, {"root": config.root, **config.settings}).items(),
            )


def test_folders() -> Iterator[Path]:
    """Where test pictures lie."""
    data = Path(os.environ.get("DEGRAIN_DATA", "data"))
    yield from sorted((data / "test").glob("*/"))
    yield from sorted((data / "real_noise").glob("*/clean/"))
    yield from sorted((data / "domains/microscopy").glob("*/clean/"))


def pictures_of(folders: Iterable[Path]) -> Pictures:
    """By the last two parts of the path."""
    return {"/".join(folder.parts[-2:]): Folder(folder).items() for folder in folders}


def report(trained: Pictures, tests: Pictures) -> float:
    """Print the closest pair of every test set. Returns the smallest distance."""
    names = [f"{item.key} of {name}" for name, items in trained.items() for item in items]
    prints = np.stack([fingerprint(item.load(), evened=True) for items in trained.values() for item in items])
    print("| test set | pictures | closest pair | distance |\n|---|---|---|---|")
    smallest = 2.0
    for name, items in tests.items():
        apart = distances(np.stack([views(item.load(), evened=True) for item in items]), prints)
        one, other = np.unravel_index(apart.argmin(), apart.shape)
        print(f"| {name} | {len(items)} | {items[one].key}, {names[other]} | {apart.min():.3f} |", flush=True)
        smallest = min(smallest, float(apart.min()))
    counted = ", ".join(f"{len(items)} of {name}" for name, items in trained.items())
    print(f"\n{len(names)} training pictures ({counted}), {sum(map(len, tests.values()))} test pictures:")
    print(f"smallest distance {smallest:.3f}; {NEAR:.3f} or less is a near-duplicate")
    return smallest


def distances(some: Floats, others: Floats) -> Floats:
    """From (M, 9, RINGS, ANGLES) views to (N, RINGS, ANGLES) fingerprints: (M, N), the best view of each."""
    flat = some.reshape(-1, *others.shape[1:])
    blocks = [similarity(flat, others[start : start + BLOCK]) for start in range(0, len(others), BLOCK)]
    likeness: Floats = np.concatenate(blocks, axis=1).reshape(*some.shape[:2], -1).max(1)
    return 1 - likeness


if __name__ == "__main__":
    main()
