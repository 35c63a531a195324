"""What an error looks like on the command line: one line, and the next step on a line of its own."""

import os
import traceback

import click

from degrain.errors import DegrainError

DEBUG = "DEGRAIN_DEBUG"  # set in the environment: show where an error came from


def complain(error: Exception) -> DegrainError:
    """Say on stderr what went wrong and what to do next.

    Args:
        error: whatever was raised.

    Returns:
        The same as message and hint.
    """
    if os.environ.get(DEBUG):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    told = explain(error)
    click.echo(f"error: {told}", err=True)
    if told.hint:
        click.echo(f"hint: {told.hint}", err=True)
    return told


def explain(error: Exception) -> DegrainError:
    """Any error as a message and the next step."""
    match error:
        case DegrainError():
            return error
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "degrain"
            return DegrainError(error.format_message(), hint=f"{command} --help")
        case MemoryError():
            return DegrainError("memory ran out", hint="close other programs, or try a smaller --tile")
        case OSError():
            place = error.filename if error.filename is not None else "standard input or output"
            return DegrainError(f"{place}: {error.strerror or error}")
        case _:
            return DegrainError(
                f"unexpected {type(error).__name__}: {error}", hint=f"{DEBUG}=1 shows where; please report it"
            )
