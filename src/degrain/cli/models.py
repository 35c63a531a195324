"""``degrain models``."""

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a model on stdout.")
def models(as_json: bool) -> None:
    """List the models that have a name: those that come with degrain, and the classical methods.

    \b
    degrain models
    degrain models --json | jq .card.data
    """
    from degrain.denoisers.zoo import list_models

    for model in list_models():
        card = dict(model.spec.card)
        if as_json:
            record = {"name": model.name, "kind": model.kind, "wants_level": model.spec.wants_level, "card": card}
            click.echo(json.dumps(record))
        else:
            about = next((card[key] for key in ("about", "method", "data") if key in card), "")
            click.echo(f"{model.name:10} {model.kind:10} {about}".rstrip())
