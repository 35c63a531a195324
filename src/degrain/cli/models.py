"""``degrain models``."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a model on stdout.")
def models(names: tuple[str, ...], as_json: bool) -> None:
    """List the models that have a name, or show the card of some: data, licence, results, limits.

    Those that come with degrain, and the classical methods.

    \b
    degrain models
    degrain models small
    degrain models --json | jq .card.data
    """
    from degrain.denoisers.zoo import list_models, unknown

    known = {model.name: model for model in list_models()}
    for name in names:
        if name not in known:
            raise unknown(name, list(known))
    for model in (known[name] for name in names or known):
        card = dict(model.spec.card)
        if as_json:
            record = {"name": model.name, "kind": model.kind, "wants_level": model.spec.wants_level, "card": card}
            click.echo(json.dumps(record))
        elif names:
            click.echo("\n".join([model.name, *_lines(card, "  ")]))
        else:
            about = next((card[key] for key in ("about", "method", "data") if key in card), "")
            click.echo(f"{model.name:10} {model.kind:10} {about}".rstrip())


def _lines(card: Mapping[str, Any], indent: str) -> Iterator[str]:
    """A line for each entry, entries of entries further in."""
    width = max(map(len, card), default=0)
    for key, value in card.items():
        if isinstance(value, Mapping) and any(isinstance(inner, Mapping) for inner in value.values()):
            yield f"{indent}{key}"
            yield from _lines(value, indent + "  ")
        else:
            text = (
                ", ".join(f"{name} {inner}" for name, inner in value.items()) if isinstance(value, Mapping) else value
            )
            yield f"{indent}{key:{width}}  {text}"
