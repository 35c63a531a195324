"""The command ``degrain``: a table of commands, imported when they are called, and what an error looks like."""

import os
import sys

import click

from degrain.errors import DegrainError

COMMANDS = {  # name -> (where it lives, its line in --help), so that --help imports nothing
    "denoise": ("degrain.cli.denoise:denoise", "Clean pictures; the same kind of file comes back."),
    "noise": ("degrain.cli.noise:noise", "Spoil a picture with noise of known kind and strength."),
    "evaluate": ("degrain.cli.evaluate:evaluate", "Compare models on one frozen draw of noise."),
    "models": ("degrain.cli.models:models", "List the models that can be used here."),
    "train": ("degrain.cli.train:train", "Train a model, or go on with a run."),
    "export": ("degrain.cli.export:export", "Turn a checkpoint into one .onnx file."),
}
INTERRUPTED = 130


class LazyGroup(click.Group):
    """Commands by name; a command's module is imported when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import it."""
        from degrain import lazy

        if name not in COMMANDS:
            return None
        command: click.Command = lazy.load(COMMANDS[name][0])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and lines from the table, nothing imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="degrain", prog_name="degrain")
def cli() -> None:
    """Clean any real picture on a CPU, and get the same kind of file back.

    \b
    degrain denoise photo.jpg                     writes photo.denoised.jpg beside it
    degrain denoise scans/ -o clean/              a whole folder
    degrain denoise xray.png --sigma 12 --panel before_after.png
    """


def main() -> None:
    """Run the command line; errors become one line on stderr and an exit code."""
    try:
        sys.exit(cli(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except DegrainError as error:
        complain(error)
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; say nothing at exit
        sys.exit(1)
    except Exception as error:
        if os.environ.get("DEGRAIN_DEBUG"):
            raise
        click.echo(f"error: unexpected {type(error).__name__}: {error}", err=True)
        click.echo("hint: DEGRAIN_DEBUG=1 shows where; please report it", err=True)
        sys.exit(1)


def complain(error: DegrainError) -> None:
    """The message, then the next step on a line of its own."""
    click.echo(f"error: {error}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)
