"""Remake what a document says was measured: python benchmarks/remake.py [DOCUMENT] [--only WORD]

The document names its commands itself, in comments around what they print:

    <!-- python benchmarks/real_noise.py -m photo $DEGRAIN_DATA/real_noise/cc15 -->
    (what it printed the last time)
    <!-- / -->

Each is run in the root of the checkout, and what it prints takes the place of what was there. The document is written
after each, so a run that is stopped has lost nothing.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from degrain.storage.atomic import whole_file

ROOT = Path(__file__).parents[1]
MADE = re.compile(r"<!-- (?P<command>python [^\n]+) -->\n(?:.*?\n)??<!-- / -->", re.DOTALL)


def remade(made: re.Match[str]) -> str:
    """The part with what its command prints today."""
    command = made["command"]
    print(command, flush=True)
    here = command.replace("python", f"{sys.executable} -W ignore", 1)
    run = subprocess.run(["bash", "-c", here], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S607
    printed = run.stdout.strip("\n")  # an indent may mean something
    return f"<!-- {command} -->\n{printed}\n<!-- / -->"


def main() -> None:
    """Part after part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", nargs="?", type=Path, default=ROOT / "docs/benchmarks.md")
    parser.add_argument("--only", default="", metavar="WORD", help="parts whose command has it")
    args = parser.parse_args()
    parts = [made for made in MADE.finditer(args.document.read_text()) if args.only in made["command"]]
    if not parts:
        sys.exit(f"{args.document} has no part made by a command with {args.only!r}")
    for part in parts:
        new = remade(part)
        text = args.document.read_text().replace(part[0], new)
        with whole_file(args.document, overwrite=True) as file:
            file.write(text.encode())


if __name__ == "__main__":
    main()
