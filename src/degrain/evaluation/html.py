"""A report as one HTML file: tables, curves and pictures inside, no script, nothing fetched from anywhere."""

import platform
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from string import Template

from degrain.evaluation.chart import curves
from degrain.evaluation.exhibit import Exhibit
from degrain.evaluation.rows import Row, Summary
from degrain.evaluation.table import Table, tabulate
from degrain.images.panel import Crop, overview
from degrain.images.picture import Picture
from degrain.images.write import encode

OVERVIEW = 360  # pixels: longest side of a whole picture; details are shown pixel by pixel
PACKAGES = ("degrain", "numpy", "onnxruntime")
PICTURES = (
    "Every picture whole, reduced, and below it the framed detail, each pixel a square. The gray pictures show what "
    "was removed: noise alone looks like sand; lines and edges there were part of the picture and are lost."
)


def to_html(records: Sequence[Summary] | Sequence[Row], sections: Iterable[str], *, title: str, command: str) -> str:
    """The whole page.

    Args:
        records: what the table shows; summaries of several noises are drawn as curves, too.
        sections: pictures, as ``to_section`` makes them; consumed one by one.
        title: what the page is called.
        command: what made it, to be repeated.
    """
    table = tabulate(records)
    summaries = [record for record in records if isinstance(record, Summary)]
    charts = (curves(summaries, metric) for metric in (summaries[0].values if summaries else ()))
    shown = list(sections)
    page = Template((files("degrain.evaluation") / "page.html").read_text(encoding="utf-8"))
    return page.substitute(
        title=escape(title),
        note=escape(table.note),
        table=_table(table),
        charts="\n".join(chart for chart in charts if chart),
        pictures="\n".join([f"<p>{PICTURES}</p>", *shown] if shown else []),
        made=f"Made by <code>{escape(command)}</code> with {escape(_versions())}.",
    )


def to_section(shown: Exhibit) -> str:
    """One picture under every model, as a part of the page."""
    heading = f"{shown.picture}, {shown.noise}" if shown.noise else shown.picture
    figures = []
    for column, view in enumerate(shown.views, start=1):
        figures.append(_figure(view.picture, shown.crop, view.name, view.numbers, (1, column)))
        if view.removed:
            figures.append(_figure(view.removed, shown.crop, "", view.below, (2, column)))
    columns = f"grid-template-columns: repeat({len(shown.views)}, minmax(11rem, 1fr))"
    grid = "\n".join([f'<div class="views" style="{columns}">', *figures, "</div>"])
    return f'<section>\n<h2>{escape(heading)}</h2>\n<div class="wide">\n{grid}\n</div>\n</section>'


def _figure(picture: Picture, crop: Crop | None, name: str, numbers: str, place: tuple[int, int]) -> str:
    """A picture under its caption: the whole reduced and lossy, which shows as much; the detail exact."""
    about = escape(f"{name} {numbers}".strip())
    images = [_image(overview(picture, OVERVIEW, crop), ".jpg", f'alt="{about}"')]
    if crop:
        top, left, rows, columns = crop
        detail = picture.with_samples(picture.samples[top : top + rows, left : left + columns])
        images.append(_image(detail, ".png", f'class="detail" alt="{about}, detail"'))
    caption = f"<b>{escape(name)}</b>{escape(numbers)}" if name else escape(numbers)
    style = f"grid-area: {place[0]} / {place[1]}"
    return "\n".join([f'<figure style="{style}"><figcaption>{caption}</figcaption>', *images, "</figure>"])


def _image(picture: Picture, suffix: str, attributes: str) -> str:
    kind = {".jpg": "jpeg", ".png": "png"}[suffix]
    return f'<img {attributes} src="data:image/{kind};base64,{b64encode(encode(picture, suffix)).decode()}">'


def _table(table: Table) -> str:
    def cells(tag: str, texts: Sequence[str]) -> str:
        classes = (' class="word"' if table.is_word(column) else "" for column in range(len(texts)))
        return "".join(f"<{tag}{kind}>{escape(text)}</{tag}>" for kind, text in zip(classes, texts, strict=True))

    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in table.rows)
    return f"<table>\n<thead><tr>{cells('th', table.headings)}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _versions() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{packages}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
