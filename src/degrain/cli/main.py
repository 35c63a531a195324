"""The command ``degrain``: a table of commands, imported when they are called, and its exit codes."""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper

import click

from degrain.cli.complaint import complain

COMMANDS = {  # name -> (where it lives, its line in --help), so that --help imports nothing
    "denoise": ("degrain.cli.denoise:denoise", "Clean pictures; the same kind of file comes back."),
    "noise": ("degrain.cli.noise:noise", "Spoil a picture with noise of known kind and strength."),
    "evaluate": ("degrain.cli.evaluate:evaluate", "Compare models on one frozen draw of noise."),
    "compare": ("degrain.cli.compare:compare", "Show side by side what models make of pictures."),
    "data": ("degrain.cli.data:data", "Fetch a data set, or say what is there."),
    "models": ("degrain.cli.models:models", "List the models that have a name."),
    "train": ("degrain.cli.train:train", "Train a model, or go on with a run."),
    "export": ("degrain.cli.export:export", "Turn a checkpoint into one .onnx file."),
}
FAILED, INTERRUPTED = 1, 130  # exit codes, beside 0 and click's 2 for wrong usage


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
    """Run the command line; errors become a line on stderr and an exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name need not be text that can be shown
    sys.exit(_exit_code())


def _exit_code() -> int:
    """0 all done, 1 something failed, 2 wrong usage, 130 interrupted."""
    try:
        code = cli(prog_name="degrain", standalone_mode=False)
        if sys.stdout:  # None when it was closed before the start
            sys.stdout.flush()  # while what goes wrong with it can still be told
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        complain(error)
        return error.exit_code
    except BrokenPipeError:
        _give_up_stdout()  # the reader left, as `head` does: nothing to tell
        return FAILED
    except OSError as error:
        _give_up_stdout()
        complain(error)
        return FAILED
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # some extension modules make an ImportError of it
            click.echo("interrupted", err=True)
            return INTERRUPTED
        complain(error)
        return FAILED
    return code or 0


def _give_up_stdout() -> None:
    """Let what is still to be written go nowhere, so that the exit does not fail on it once more."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
