"""Set pictures apart to choose recipes on: python benchmarks/hold_out.py FOLDER TARGET

Every seventh picture of FOLDER goes to TARGET/colour as it is and to TARGET/gray as its luma, all others to
TARGET/rest, to be trained on.
"""

import argparse
import shutil
from pathlib import Path

from PIL import Image

from degrain.images.formats import SUFFIXES
from degrain.storage.places import find_pictures

EVERY = 7


def main() -> None:
    """Copy the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    args = parser.parse_args()
    for name in ("colour", "gray", "rest"):
        (args.target / name).mkdir(parents=True)
    for number, path in enumerate(find_pictures([str(args.folder)], SUFFIXES)):
        held_out = number % EVERY == 0
        shutil.copy(path, args.target / ("colour" if held_out else "rest"))
        if held_out:
            with Image.open(path) as picture:
                picture.convert("L").save(args.target / "gray" / f"{path.stem}.png")


if __name__ == "__main__":
    main()
