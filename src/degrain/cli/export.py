"""``degrain export``."""

from pathlib import Path

import click

from degrain import lazy


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The .onnx file to write.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def export(checkpoint: Path, output: Path, overwrite: bool) -> None:
    """Turn a checkpoint into one .onnx file that runs without torch.

    The file carries its own description and card. It appears only when ONNX Runtime and torch agree.

    \b
    degrain export runs/small/2026-01-31_12-00-00/checkpoints/last.ckpt -o mine.onnx
    degrain denoise photo.jpg -m mine.onnx
    """
    export_onnx = lazy.load("degrain.export.onnx:export_onnx", extra="train")
    difference = export_onnx(checkpoint, output, overwrite=overwrite)
    click.echo(f"{output}: differs from torch by at most {difference:.1g}")
