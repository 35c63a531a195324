"""``degrain denoise``."""

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from degrain.cli.complaint import complain
from degrain.cli.progress import Bar
from degrain.cli.telling import line, record
from degrain.cli.values import SigmaType

if TYPE_CHECKING:
    from degrain.inference.cleaning import Cleaned, Cleaning

STREAM = "-"

Pairs = Sequence[tuple[Path, Path]]  # input, result
Outcome = Literal["done", "not white", "failed"]


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", type=click.Path(), help="File or folder; default NAME.denoised.SUFFIX.")
@click.option(
    "-m",
    "--model",
    default="auto",
    show_default=True,
    help="A name from `degrain models`, or a file; auto takes the one that suits the noise found.",
)
@click.option(
    "--sigma",
    type=SigmaType(),
    default="auto",
    show_default=True,
    help="Noise level, 0..255 scale; auto measures it, 0 leaves it to the model.",
)
@click.option(
    "--strength",
    type=click.FloatRange(0, 2),
    default=1.0,
    show_default=True,
    help="0 changes nothing, 1 is the model's answer.",
)
@click.option("--tile", type=click.IntRange(min=1), help="Longest side of the tiles in pixels; less takes less memory.")
@click.option("--threads", type=click.IntRange(min=1), help="Processor cores; default all.")
@click.option(
    "--max-megapixels", type=click.FloatRange(min=0, min_open=True), help="Largest picture that is opened; default 200."
)
@click.option("--panel", type=click.Path(path_type=Path), help="Also write a before/after picture (one input).")
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a picture on stdout.")
@click.pass_context
def denoise(
    ctx: click.Context,
    inputs: tuple[str, ...],
    output: str | None,
    model: str,
    sigma: Any,
    strength: float,
    tile: int | None,
    threads: int | None,
    max_megapixels: float | None,
    panel: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Clean pictures; the same kind of file comes back: mode, depth, alpha, ICC profile, EXIF, resolution.

    INPUT is files, folders, globs, or - for stdin to stdout.

    \b
    degrain denoise photo.jpg                          photo.denoised.jpg beside it
    degrain denoise photo.jpg -o clean.png --panel before_after.png
    degrain denoise scans/ -o clean/                   a whole folder
    degrain denoise xray.tif --sigma 12 --strength 0.7
    cat in.png | degrain denoise - > out.png
    """
    from degrain.images.read import MAX_FILE, MAX_PIXELS
    from degrain.images.write import check_writable
    from degrain.inference.cleaning import Cleaning
    from degrain.inference.engine import DEFAULT_TILE

    streams = STREAM in inputs
    if streams and (len(inputs) > 1 or output or panel or as_json):
        raise click.UsageError("- stands alone: stdin goes to stdout")
    if output == STREAM:
        raise click.UsageError("only stdin goes to stdout: give - as the input, without -o")
    if streams and not (sys.stdin and sys.stdout):
        raise click.UsageError("- needs stdin and stdout, and one of them is closed")
    pairs = [] if streams else _pairs(inputs, output)
    if panel:
        _refuse_panel(panel, pairs)
    cleaning = Cleaning.by(model, sigma, strength, tile or DEFAULT_TILE, threads)
    if sigma != "auto" and not cleaning.engine.denoiser.spec.wants_level:
        click.echo(f"note: {model} judges the noise by itself, --sigma {sigma:g} is not used", err=True)
    max_pixels = 1e6 * max_megapixels if max_megapixels else MAX_PIXELS
    if streams:
        _to_stdout(cleaning.stream(sys.stdin.buffer.read(MAX_FILE + 1), max_pixels))
    else:
        _make_folders(pairs)
        if panel:
            check_writable(panel, overwrite=overwrite)
        ctx.exit(Order(cleaning, model, panel, overwrite, as_json, max_pixels).fill(pairs))


def _to_stdout(data: bytes) -> None:
    """All of it, also where stdout is unbuffered and would be content with a part."""
    with open(sys.stdout.fileno(), "wb", closefd=False) as file:
        file.write(data)


def _pairs(inputs: Sequence[str], output: str | None) -> Pairs:
    from degrain.images.formats import SUFFIXES
    from degrain.storage.places import find_pictures, pair_with_results

    place = None if output is None else Path(output)
    folder = output is not None and output.endswith(("/", os.sep))
    return pair_with_results(find_pictures(inputs, SUFFIXES), place, folder=folder)


def _refuse_panel(panel: Path, pairs: Pairs) -> None:
    from degrain.storage.places import place_of

    if len(pairs) > 1:
        raise click.UsageError(f"--panel shows one picture, got {len(pairs)}")
    if place_of(panel) in map(place_of, pairs[0]):
        raise click.UsageError("--panel needs a file of its own")


def _make_folders(pairs: Pairs) -> None:
    from degrain.images.formats import by_suffix
    from degrain.storage.atomic import make_folder, remove_leftovers

    for folder in {target.parent for _, target in pairs if by_suffix(target)}:
        make_folder(folder)
        remove_leftovers(folder)


@dataclass(frozen=True)
class Order:
    """What happens to each picture."""

    cleaning: "Cleaning"
    model: str
    panel: Path | None
    overwrite: bool
    as_json: bool
    max_pixels: float

    def fill(self, pairs: Pairs) -> int:
        """Clean all; a picture that fails stops no other. Returns the exit code."""
        outcomes = Counter(self._clean(source, target) for source, target in pairs)
        if outcomes["not white"]:
            click.echo("note: noise that is not white reads too low; -m photo is made for that of cameras", err=True)
        if outcomes["failed"] and len(pairs) > 1:
            click.echo(f"{outcomes['failed']} of {len(pairs)} pictures failed", err=True)
        return 1 if outcomes["failed"] else 0

    def _clean(self, source: Path, target: Path) -> Outcome:
        try:
            with Bar(source.name) as bar:
                cleaned = self.cleaning.file(
                    source, target, overwrite=self.overwrite, max_pixels=self.max_pixels, on_tile=bar
                )
            if self.panel:
                _write_panel(cleaned, self.panel, self.overwrite)
        except Exception as error:
            told = complain(error)
            if self.as_json:
                _tell({"input": str(source), "status": "error", "error": str(told), "hint": told.hint})
            return "failed"
        strength = self.cleaning.strength
        if self.as_json:
            model = cleaned.model if self.model == "auto" else self.model
            _tell(record(cleaned, model, source, target, strength))
        else:
            click.echo(line(cleaned, target, strength))
        return "not white" if cleaned.found and not cleaned.found.white and not self.cleaning.coarse else "done"


def _write_panel(cleaned: "Cleaned", path: Path, overwrite: bool) -> None:
    from degrain.evaluation.exhibit import before_after
    from degrain.images.write import write

    write(before_after(cleaned.noisy, cleaned.clean), path, overwrite=overwrite)


def _tell(values: dict[str, Any]) -> None:
    click.echo(json.dumps(values))
