"""How a run learnt, as a Markdown table: python benchmarks/learning_curve.py RUN_DIR [--rows 10]

PSNR on its held-out pictures, level known, as its metrics.csv has it: so many of its validations, evenly spread, and
the last. One column for the levels of white noise, one for each other noise.
"""

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

NAME = re.compile(r"psnr_(?P<kind>rgb|gray)_(?P<noise>.+?)(?P<blind>_blind)?")
KINDS = {"rgb": "colour", "gray": "gray"}

Figures = Mapping[tuple[str, str], float]  # (kind, noise) -> dB


def validations(metrics: Path) -> dict[int, Figures]:
    """By steps taken."""
    found: dict[int, dict[tuple[str, str], float]] = defaultdict(dict)
    with metrics.open(newline="") as file:
        for row in csv.DictReader(file):
            name = NAME.fullmatch(row["name"])
            if name and not name["blind"]:
                found[int(row["step"]) + 1][name["kind"], name["noise"]] = float(row["value"])
    return dict(found)


def columns(figures: Figures) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Heading, and the figures below it."""
    for kind, heading in KINDS.items():
        white = [key for key in figures if key[0] == kind and key[1].isdigit()]
        if white:
            yield f"{heading}, sigma {'/'.join(noise for _, noise in white)}", white
        for key in figures:
            if key[0] == kind and key not in white:
                yield f"{heading}, {key[1]}", [key]


def spread(steps: Sequence[int], rows: int) -> list[int]:
    """So many of them, the last among them."""
    every = -(-len(steps) // rows)
    return list(steps[::-1][::every][::-1])


def cell(figures: Figures, keys: Sequence[tuple[str, str]]) -> str:
    """15/25/50; a dash for what was not measured then."""
    return "/".join(f"{figures[key]:.2f}" if key in figures else "-" for key in keys)


def main() -> None:
    """One line a validation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("--rows", type=int, default=10)
    args = parser.parse_args()
    found = validations(args.run / "metrics.csv")
    if not found:
        raise SystemExit(f"{args.run} has no validation in its metrics.csv")
    parts = list(columns(found[max(found)]))
    print(f"| step | {' | '.join(heading for heading, _ in parts)} |\n|---|{'---|' * len(parts)}")
    for step in spread(sorted(found), args.rows):
        print(f"| {step} | {' | '.join(cell(found[step], keys) for _, keys in parts)} |")


if __name__ == "__main__":
    main()
