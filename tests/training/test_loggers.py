import csv
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from degrain.errors import MissingExtra, TrainingError
from degrain.images.read import read
from degrain.training.bar import StepBar
from degrain.training.curves import curves
from degrain.training.loggers import loggers_named
from degrain.training.run import train

TWICE = """
import sys
from degrain.training.run import train
train(sys.argv[2:])
train([f"resume={sys.argv[1]}", "trainer.max_steps=4"])
"""


def test_only_the_loggers_named_write(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=2", "trainer.loggers=[]"])
    assert not {"metrics.csv", "loss.png", "tensorboard"} & {path.name for path in folder.iterdir()}


def test_an_unknown_logger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="mlflow"):
        loggers_named(["csv", "mlflow"], tmp_path, 0)


@pytest.mark.parametrize("name", ["csv", "tensorboard"])
def test_what_a_run_that_was_cut_off_logged_past_its_checkpoint_is_gone(name: str, tmp_path: Path) -> None:
    for first, value in ((0, 1.0), (3, 2.0)):
        (log,) = loggers_named([name], tmp_path, first)
        for step in range(first, first + 5):
            log.log_metrics({"loss": value}, step)
        log.finalize("success")
    if name == "csv":
        with (tmp_path / "metrics.csv").open(newline="") as file:
            found = [(int(row["step"]), float(row["value"])) for row in csv.DictReader(file)]
    else:
        events = EventAccumulator(str(tmp_path / "tensorboard"))
        events.Reload()
        found = [(event.step, event.value) for event in events.Scalars("loss")]
    assert found == [*((step, 1.0) for step in range(3)), *((step, 2.0) for step in range(3, 8))]


def test_the_log_is_cut_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,name,value\n0,loss,2\n1,loss,1\n")
    with path.open() as reader:  # of the file that was there
        loggers_named(["csv"], tmp_path, 1)
        assert reader.read() == "step,name,value\n0,loss,2\n1,loss,1\n"
    assert path.read_text().split() == ["step,name,value", "0,loss,2"]


def test_wandb_names_its_extra_when_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)  # what Python itself does with a module that must not be found
    with pytest.raises(MissingExtra) as caught:
        loggers_named(["wandb"], tmp_path, 0)
    assert "degrain[wandb]" in (caught.value.hint or "")


def test_wandb_offline_keeps_figures_and_pictures_under_one_id(tiny: list[str], tmp_path: Path) -> None:
    pytest.importorskip("wandb")
    folder = tmp_path / "run"
    short = ["trainer.loggers=[csv,wandb]", "trainer.max_steps=2", "trainer.valid_every=2"]
    command = [sys.executable, "-W", "ignore", "-c", TWICE, str(folder), *tiny, *short, f"run_dir={folder}"]
    env = {**os.environ, "WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    runs = sorted((folder / "wandb").glob("offline-run-*"))
    assert len(runs) == 2
    assert len({run.name.rpartition("-")[2] for run in runs}) == 1
    for run in runs:
        (record,) = run.glob("*.wandb")
        content = record.read_bytes()
        assert b"psnr_rgb_25" in content
        assert list(run.glob("files/media/images/sample*.png"))


def test_the_curves_are_drawn_from_the_log(tmp_path: Path) -> None:
    metrics = tmp_path / "metrics.csv"
    metrics.write_text("step,name,value\n")
    assert curves(metrics) is None
    metrics.write_text("step,name,value\n0,loss,2\n0,lr-Muon,0.1\n1,loss,1\n")
    loss = curves(metrics)
    metrics.write_text("step,name,value\n0,loss,2\n1,loss,1\n1,psnr,30\n")
    both = curves(metrics)
    assert loss is not None
    assert both is not None
    assert both.height == 2 * loss.height


def test_a_run_leaves_its_curves(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=4", "trainer.valid_every=2"])
    assert read(folder / "loss.png").height > 300


@pytest.mark.parametrize("terminal", [True, False])
def test_the_bar_counts_steps_on_a_terminal_and_is_silent_elsewhere(terminal: bool, fit_tiny: Any) -> None:
    text = StringIO()
    fit_tiny(StepBar(Console(file=text, force_terminal=terminal, width=120)), max_steps=5)
    assert ("5/5" in text.getvalue()) == terminal
    assert terminal or not text.getvalue()
