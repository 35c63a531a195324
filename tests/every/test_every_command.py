"""Every command answers the same questions: is its help of use, does it work, does it say how it is used."""

import shlex
from pathlib import Path

import pytest

from degrain.cli.main import COMMANDS, cli

GOOD = {  # a good run of each, and what it leaves
    "denoise": ("denoise photo.png", "photo.denoised.png"),
    "noise": ("noise photo.png -o noisy.png", "noisy.png"),
    "evaluate": ("evaluate . -m small --json rows.json", "rows.json"),
    "compare": ("compare photo.png -m small -o panel.png", "panel.png"),
    "data": ("data folder . --json", None),
    "models": ("models --json", None),
    "train": (
        "train experiment=small source=folder source.root=. source.split.valid=0.5 model.settings.widths=[8,8] "
        "model.settings.blocks=[1,1] data.side=16 data.tile=32 data.batch=2 schedule.warmup=1 trainer.accelerator=cpu "
        "trainer.progress=false trainer.max_steps=1 run_dir=run",
        "run/model.onnx",
    ),
    "export": ("export run/checkpoints/last.ckpt -o mine.onnx", "mine.onnx"),
}
AFTER = {"export": "train"}  # what must have run before
NEED_TORCH = {"train", "export"}

every = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture
def here(tmp_path, monkeypatch, bundled, save_noisy) -> Path:
    """A folder with a few pictures."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("photo.png", "b.png", "c.png", "d.png")):
        save_noisy(tmp_path / name, seed)
    return tmp_path


@every
@pytest.mark.parametrize("terminal", ["80", "100", "200"])
def test_help_has_an_example_and_fits(degrain, monkeypatch, name, terminal):
    monkeypatch.setenv("COLUMNS", terminal)
    done = degrain(name, "--help")
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert any(line.strip().startswith(f"degrain {name}") for line in lines)
    assert max(map(len, lines)) <= 100
    assert degrain(name, "-h").out == done.out


@every
def test_every_option_is_described(name):
    assert [
        option.name
        for option in cli.get_command(None, name).params
        if option.param_type_name == "option" and not option.help
    ] == []


@every
def test_it_is_listed(degrain, name):
    """The table of commands is written by hand, so that showing it imports nothing."""
    assert f"  {name:10}{COMMANDS[name][1]}" in degrain("--help").out.splitlines()
    assert cli.get_command(None, name).name == name


@every
def test_a_good_run(degrain, here, name):
    if name in NEED_TORCH:
        pytest.importorskip("lightning")
    if name in AFTER:
        degrain(*shlex.split(GOOD[AFTER[name]][0]))
    command, result = GOOD[name]
    done = degrain(*shlex.split(command))
    assert done.code == 0, done.err
    assert done.out
    assert result is None or (here / result).stat().st_size


@every
def test_an_unknown_option(degrain, here, name):
    done = degrain(*shlex.split(GOOD[name][0]), "--no-such-option")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == "error: No such option '--no-such-option'."
    assert done.err.splitlines()[-1] == f"hint: degrain {name} --help"
    assert len(list(here.iterdir())) == 4


def test_the_table_of_good_runs_is_complete():
    assert set(GOOD) == set(COMMANDS)
