"""``degrain data``."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from degrain.cli.progress import Bar

if TYPE_CHECKING:
    from degrain.sources.inventory import Inventory


@click.command()
@click.argument("name", required=False)
@click.argument("root", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Fetch into this folder, then say what is there.")
@click.option("--query", help="Pexels: what the photographs show.")
@click.option("--count", type=click.IntRange(min=1), default=1000, show_default=True, help="Pexels: how many.")
@click.option("-s", "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of the source.")
@click.option("--valid", type=click.FloatRange(0, 1), default=0.05, show_default=True, help="Share that validates.")
@click.option("--test", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Share that tests.")
@click.option("--twins", is_flag=True, help="Read all pictures and name near-duplicates across splits.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def data(
    name: str | None,
    root: Path | None,
    output: Path | None,
    query: str | None,
    count: int,
    settings: tuple[str, ...],
    valid: float,
    test: float,
    twins: bool,
    as_json: bool,
) -> None:
    """Fetch a data set, or say what is there: pictures and groups in each split, and what is missing.

    Without a NAME the known ones are listed. CIFAR-10 and Pexels can be fetched; the others ask for an account or
    are huge: what is missing comes with where to get it. What was broken off goes on when called again.

    \b
    degrain data
    degrain data cifar10 -o data/cifar10
    degrain data pexels --query cat --count 1000 -o cats/     needs PEXELS_API_KEY
    degrain data folder photos/ --valid 0.1 --twins
    degrain data lc25000 histology/ --set part=lung --valid 0.2 --test 0.2 --json
    """
    from degrain.sources.inventory import take_inventory
    from degrain.sources.split import Split
    from degrain.sources.table import SOURCES, open_source

    if name is None:
        for known, (_, about) in SOURCES.items():
            click.echo(f"{known:14} {about}")
        return
    if name not in SOURCES:
        raise click.UsageError(f"{name} is no data set that is known here, they are {', '.join(SOURCES)}")
    if (root is None) == (output is None):
        raise click.UsageError("give the folder of the data set, or -o FOLDER to fetch it into")
    chosen = dict(map(_setting, settings))
    if "root" in chosen:
        raise click.UsageError("the folder is named without --set: degrain data NAME FOLDER")
    if output is not None:
        root = _fetched(name, output, query, count)
    source = open_source(name, {"root": root, **chosen})
    inventory = take_inventory(Split(source, valid=valid, test=test), twins=twins)
    click.echo(_json(name, root, inventory) if as_json else _text(name, root, inventory), nl=False)


def _fetched(name: str, folder: Path, query: str | None, count: int) -> Path:
    """The folder, after the download."""
    if name not in FETCH:
        raise click.UsageError(f"{name} cannot be fetched from here; give its folder, and what is missing is named")
    with Bar(folder.name) as bar:
        FETCH[name](folder, query, count, bar)
    return folder


def _fetch_cifar10(folder: Path, query: str | None, count: int, bar: Bar) -> None:
    from degrain.sources.cifar10 import fetch_cifar10
    from degrain.storage.http import PATIENT

    fetch_cifar10(folder, replace(PATIENT, told=_tell), bar)


def _fetch_pexels(folder: Path, query: str | None, count: int, bar: Bar) -> None:
    from degrain.sources.pexels_api import PATIENT, PexelsApi, api_key, gather

    if not query:
        raise click.UsageError("say what the photographs show: --query WORDS")
    gather(PexelsApi(api_key(), replace(PATIENT, told=_tell)), query, count, folder, on_progress=bar)


FETCH: dict[str, Callable[[Path, str | None, int, Bar], None]] = {"cifar10": _fetch_cifar10, "pexels": _fetch_pexels}


def _tell(message: str) -> None:
    click.echo(message, err=True)


def _setting(text: str) -> tuple[str, Any]:
    """``KEY=VALUE``; the value is text, but for a list, true, false and null, which are JSON."""
    key, sign, value = text.partition("=")
    if not sign:
        raise click.UsageError(f"--set takes KEY=VALUE, got {text!r}")
    if value.startswith("[") or value in ("true", "false", "null"):
        with suppress(ValueError):
            return key, json.loads(value)
    return key, value  # a folder may be named 2024


def _text(name: str, root: Path | None, inventory: "Inventory") -> str:
    lines = [f"{name} in {root}", f"{'':8}{'pictures':>10}{'groups':>10}"]
    lines += [f"{side:8}{count.pictures:10}{count.groups:10}" for side, count in inventory.sides.items()]
    lines += [f"missing: {line}" for line in inventory.missing]
    lines += [f"near-duplicates in different splits: {pair.one} and {pair.other}" for pair in inventory.twins]
    return "\n".join([*lines, ""])


def _json(name: str, root: Path | None, inventory: "Inventory") -> str:
    return json.dumps({"name": name, "root": str(root), **asdict(inventory)}, indent=2) + "\n"
