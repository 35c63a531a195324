"""``degrain denoise``."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from degrain.cli.main import complain
from degrain.cli.progress import Bar
from degrain.errors import DegrainError

if TYPE_CHECKING:
    from degrain.inference.cleaning import Cleaned, Cleaning

STREAM = "-"


class SigmaType(click.ParamType[Any]):
    """``auto`` or a number on the 0..255 scale."""

    name = "auto|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text as a float, or ``auto``."""
        if value == "auto":
            return value
        try:
            sigma = float(value)
        except ValueError:
            sigma = -1.0
        if not 0 <= sigma <= 255:
            self.fail(f"{value!r} is neither 'auto' nor a number from 0 to 255", param, ctx)
        return sigma


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File or folder; default NAME.denoised.SUFFIX.")
@click.option("-m", "--model", default="small", show_default=True, help="A name from `degrain models`, or a file.")
@click.option(
    "--sigma", type=SigmaType(), default="auto", show_default=True, help="Noise level, 0..255 scale; 0 = model judges."
)
@click.option("--strength", type=click.FloatRange(0, 2), default=1.0, show_default=True, help="0 changes nothing.")
@click.option(
    "--tile", type=click.IntRange(min=1), default=None, help="Side of the tiles in pixels; default by memory."
)
@click.option("--threads", type=click.IntRange(min=1), default=None, help="Processor cores; default all.")
@click.option("--panel", type=click.Path(path_type=Path), help="Also write a before/after picture (one input).")
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a picture on stdout.")
def denoise(
    inputs: tuple[str, ...],
    output: Path | None,
    model: str,
    sigma: Any,
    strength: float,
    tile: int | None,
    threads: int | None,
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
    from degrain.denoisers.zoo import open_denoiser
    from degrain.images.formats import SUFFIXES
    from degrain.inference.cleaning import Cleaning
    from degrain.inference.engine import DEFAULT_TILE, Engine
    from degrain.storage.atomic import make_folder
    from degrain.storage.places import find_pictures, pair_with_results

    if STREAM in inputs and (len(inputs) > 1 or panel or output):
        raise click.UsageError("- stands alone: stdin goes to stdout")
    cleaning = Cleaning(Engine(open_denoiser(model, threads), tile or DEFAULT_TILE), sigma, strength)
    if STREAM in inputs:
        sys.stdout.buffer.write(cleaning.stream(sys.stdin.buffer.read()))
        return
    sources = find_pictures(inputs, SUFFIXES)
    if panel and len(sources) > 1:
        raise click.UsageError(f"--panel shows one picture, got {len(sources)}")
    failed = 0
    for source, target in pair_with_results(sources, output):
        try:
            make_folder(target.parent)
            cleaned = _clean(cleaning, source, target, overwrite)
            if panel:
                _write_panel(cleaned, panel, overwrite)
            click.echo(_line(cleaned, source, target, model, as_json))
        except DegrainError as error:
            failed += 1
            complain(error)
            if as_json:
                click.echo(
                    json.dumps({"input": str(source), "status": "error", "error": str(error), "hint": error.hint})
                )
    if failed:
        if len(sources) > 1:
            click.echo(f"{failed} of {len(sources)} pictures failed", err=True)
        sys.exit(1)


def _clean(cleaning: "Cleaning", source: Path, target: Path, overwrite: bool) -> "Cleaned":
    with Bar(source.name) as bar:
        return cleaning.file(source, target, overwrite=overwrite, on_tile=bar)


def _write_panel(cleaned: "Cleaned", path: Path, overwrite: bool) -> None:
    from degrain.images.panel import panel
    from degrain.images.write import write

    write(panel([("before", cleaned.noisy), ("after", cleaned.clean)]), path, overwrite=overwrite)


def _line(cleaned: "Cleaned", source: Path, target: Path, model: str, as_json: bool) -> str:
    level = round(cleaned.level.sigma, 2) if cleaned.level.known else None
    if not as_json:
        told = f"sigma {level:.1f}" if level is not None else "noise level left to the model"
        return f"{target}  ({told}, {cleaned.seconds:.1f} s)"
    return json.dumps(
        {
            "input": str(source),
            "output": str(target),
            "status": "ok",
            "model": model,
            "sigma": level,
            "width": cleaned.noisy.width,
            "height": cleaned.noisy.height,
            "channels": cleaned.noisy.channels,
            "dtype": cleaned.noisy.scale.dtype,
            "seconds": round(cleaned.seconds, 3),
        }
    )
