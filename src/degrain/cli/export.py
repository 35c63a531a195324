"""``degrain export``."""

import json
from pathlib import Path
from typing import Any

import click

from degrain import lazy
from degrain.errors import ModelError


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The .onnx file to write.")
@click.option("--card", "card_file", type=click.Path(path_type=Path), help="JSON with more for the model card.")
@click.option("--half", is_flag=True, help="Weights in 16 bit: half the file, a few thousandths of a decibel.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def export(checkpoint: Path, output: Path, card_file: Path | None, half: bool, overwrite: bool) -> None:
    """Turn a checkpoint, or the newest of a run, into one .onnx file that runs without torch.

    The file carries its own description and card. It appears only when ONNX Runtime and torch agree.

    \b
    degrain export runs/small/2026-01-31_12-00-00 -o mine.onnx
    degrain export runs/small/2026-01-31_12-00-00/checkpoints/best.ckpt -o best.onnx
    degrain denoise photo.jpg -m mine.onnx
    """
    if output.suffix.lower() != ".onnx":
        raise click.UsageError(f"{output} must end in .onnx, or no command would take it for a model")
    card = _read_card(card_file) if card_file else {}
    export_onnx = lazy.load("degrain.export.onnx:export_onnx", extra="train")
    difference = export_onnx(checkpoint, output, card=card, half=half, overwrite=overwrite)
    click.echo(f"{output}: differs from torch by at most {difference:.1g}")


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as a model card: {error}") from error
    if not isinstance(card, dict):
        raise ModelError(f"{path} must hold one JSON object, not {type(card).__name__}")
    return card
