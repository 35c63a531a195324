"""The guides tell the truth: every option is named, none is invented, every command and snippet runs."""

import re
import shlex
from pathlib import Path

import click
import pytest

from degrain.cli.main import COMMANDS, cli

DOCS = Path(__file__).parents[1] / "docs"
CLI, PYTHON = ((DOCS / f"guide-{name}.md").read_text(encoding="utf-8") for name in ("cli", "python"))
SHOWN_ONLY = {"train", "export"}  # they run in their own tests; here they are only understood


def code(guide: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)


def command_lines() -> list[str]:
    """What stands after ``degrain``, without what comes from and goes to pipes."""
    lines = [line for block in code(CLI, "") for line in block.splitlines()]
    return [re.sub(r"^.*\| | > .*$", "", line).removeprefix("degrain ") for line in lines]


@pytest.fixture
def desk(tmp_path, monkeypatch, save_noisy, bundled, model_file) -> Path:
    """A folder with all that the guides speak of."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("photo.jpg", "photo.png", "a.png", "b.png", "scans/1.png", "photos/1.png")):
        save_noisy(tmp_path / name, seed)
    (tmp_path / "mine.onnx").write_bytes(model_file.read_bytes())
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_named(name):
    assert f"degrain {name}" in CLI
    options = {text for param in cli.get_command(None, name).params for text in param.opts if text.startswith("-")}
    assert options <= set(re.findall(r"(?<![\w-])--?[a-z-]+", CLI))


def test_no_option_is_invented():
    commands = [cli, *(cli.get_command(None, name) for name in COMMANDS)]
    params = (param for command in commands for param in command.get_params(click.Context(command)))
    known = {text for param in params for text in param.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", CLI)) <= known


@pytest.mark.parametrize("line", command_lines())
def test_every_command_line_is_understood(line):
    name, *arguments = shlex.split(line)
    cli.get_command(None, name).make_context(name, arguments)


def test_every_command_line_runs(degrain, desk):
    pytest.importorskip("skimage")
    for line in command_lines():
        name, *arguments = shlex.split(line)
        if name not in SHOWN_ONLY and "-" not in arguments:
            done = degrain(name, *arguments)
            assert done.code == 0, f"{line}\n{done.err}"
            for target in desk.glob("*.denoised.*"):
                target.unlink()


def test_every_snippet_runs(desk, capsys):
    names: dict[str, object] = {}
    for number, block in enumerate(code(PYTHON, "python")):
        exec(compile(block, f"guide-python.md, block {number}", "exec"), names)  # noqa: S102
    assert "No such file" in capsys.readouterr().out


def test_both_guides_have_the_same_topics_in_the_same_order():
    topics = [re.findall(r"^## (.*)$", guide, re.MULTILINE) for guide in (CLI, PYTHON)]
    assert topics[0] == topics[1]
    assert len(topics[0]) == 9


def test_the_example_network_of_contributing_is_one(monkeypatch):
    """Its code runs as printed, trains a step and cleans a picture of odd size."""
    torch = pytest.importorskip("torch")
    guide = (DOCS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "three_convs"}
    exec(compile(code(guide, "python")[-1], "CONTRIBUTING.md", "exec"), names)  # noqa: S102
    net = names["ThreeConvs"](channels=1)
    noisy = torch.rand(1, 1, 21, 17)
    clean = net(noisy, torch.zeros(1, 1, 21, 17))
    assert clean.shape == noisy.shape
    touched = noisy.clone()
    touched[..., 10, 8] += 1
    rows, columns = torch.nonzero((net(touched, noisy) != clean)[0, 0], as_tuple=True)
    assert rows.max() - 10 == 10 - rows.min() == columns.max() - 8 == 8 - columns.min() == net.halo
    yaml = pytest.importorskip("yaml").safe_load(code(guide, "yaml")[-1])
    assert names["ThreeConvs"](**yaml["settings"]).width == 3
