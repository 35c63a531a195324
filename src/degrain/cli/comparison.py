"""What ``evaluate`` and ``compare`` share: their options, and the files that they write."""

import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from degrain.cli.complaint import complain

if TYPE_CHECKING:
    from degrain.errors import ImageError
    from degrain.evaluation.rows import Row, Summary
    from degrain.images.picture import Picture

Command = Callable[..., Any]
FILE = click.Path(path_type=Path)
STDOUT = Path("-")

_OPTIONS = (
    click.option(
        "-m",
        "--model",
        "models",
        multiple=True,
        help="A name, a file, or auto, which measures the noise and chooses; again for more.",
    ),
    click.option(
        "--metric",
        "metrics",
        multiple=True,
        default=["psnr", "ssim"],
        show_default=True,
        help="What to measure, give it again for more; PSNR always is.",
    ),
    click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the noise."),
    click.option("--threads", type=click.IntRange(min=1), help="Processor cores; default all."),
    click.option(
        "--json", type=click.Path(path_type=Path, allow_dash=True), help="Write the rows as JSON; - for stdout."
    ),
    click.option("--csv", type=FILE, help="Write a line for each picture and model."),
    click.option("--html", type=FILE, help="Write one page with tables, curves and pictures."),
    click.option("--overwrite", is_flag=True, help="Replace existing files."),
)


def comparison(command: Command) -> Command:
    """The options that both commands have."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass
class LeftOut:
    """Pictures that could not be measured: told as they come up, and counted in the end.

    Attributes:
        pictures: how many there are in all.
        count: how many were left out.
    """

    pictures: int
    count: int = 0

    def add(self, error: "ImageError") -> None:
        """Tell of one. Raises the error when none is left."""
        self.count += 1
        if self.count == self.pictures:
            raise error
        complain(error)

    def end(self) -> None:
        """Leave with exit code 1 when there were any."""
        if self.count:
            click.echo(f"{self.count} of {self.pictures} pictures failed and are left out", err=True)
            click.get_current_context().exit(1)


@dataclass(frozen=True)
class Targets:
    """The files that were asked for; None where they were not.

    Raises:
        DegrainError: one cannot be written, which is told before the work.
    """

    json: Path | None
    csv: Path | None
    html: Path | None
    panel: Path | None
    overwrite: bool

    def __post_init__(self) -> None:
        from degrain.images.write import check_writable
        from degrain.storage.atomic import check_target

        if STDOUT in (self.csv, self.html, self.panel):
            raise click.UsageError("only --json writes to stdout; name a file")
        if len(set(self._places())) < len(self._places()):
            raise click.UsageError("each result needs a file of its own")
        for path in (self.json, self.csv, self.html):
            if path and path != STDOUT:
                check_target(path, overwrite=self.overwrite)
        if self.panel:
            check_writable(self.panel, overwrite=self.overwrite)

    def spare(self, inputs: Iterable[Path]) -> None:
        """Refuse to replace a picture that is compared, even with --overwrite."""
        from degrain.storage.places import place_of

        places = self._places()
        for path in inputs:
            if place_of(path) in places:
                raise click.UsageError(f"a result would replace {path}, which is compared")

    def tell(self, records: "Sequence[Summary] | Sequence[Row]", **conditions: object) -> None:
        """The table on stdout, or the JSON there or in its file."""
        from degrain.evaluation.report import to_json, to_markdown

        text = to_json(records, **conditions)
        if self.json != STDOUT:
            self._write(self.json, text)  # first: whoever reads stdout may be gone
        click.echo(text if self.json == STDOUT else to_markdown(records), nl=False)

    def write_csv(self, rows: "Sequence[Row]") -> None:
        """Every row, if it was asked for."""
        from degrain.evaluation.report import to_csv

        self._write(self.csv, to_csv(rows))

    def write_html(self, records: "Sequence[Summary] | Sequence[Row]", sections: Iterable[str], title: str) -> None:
        """The page, if it was asked for; the sections are made only then."""
        from degrain.evaluation.html import to_html

        if self.html:
            command = shlex.join(["degrain", *sys.argv[1:]])
            self._write(self.html, to_html(records, sections, title=title, command=command))

    def write_panel(self, panel: "Callable[[], Picture]") -> None:
        """The picture, if it was asked for; it is made only then."""
        from degrain.images.write import write

        if self.panel:
            write(panel(), self.panel, overwrite=self.overwrite)

    def _places(self) -> list[str]:
        from degrain.storage.places import place_of

        paths = (self.json, self.csv, self.html, self.panel)
        return [place_of(path) for path in paths if path and path != STDOUT]

    def _write(self, path: Path | None, text: str) -> None:
        from degrain.storage.atomic import whole_file

        if path:
            with whole_file(path, overwrite=self.overwrite) as file:
                file.write(text.encode("utf-8", "backslashreplace"))  # a file name need not be text
