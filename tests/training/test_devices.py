"""Two processes with half of each batch learn what one process learns from the whole."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint
from degrain.storage.run_folder import LAST
from degrain.training.compose import compose_run
from degrain.training.run import train

SHORT = [
    "trainer.precision=32-true",  # a sum in another order shows in the last digit only
    "trainer.max_steps=6",
    "trainer.valid_every=3",
    "trainer.save_every=2",
]
SCRIPT = """
import hashlib, json, sys, warnings
from pathlib import Path
import lightning as L
from degrain.training import run

class Digests(L.Callback):  # of all that must be alike on every rank
    def on_train_end(self, trainer, module):
        (average,) = (callback._average_model for callback in trainer.callbacks if hasattr(callback, "_average_model"))
        momenta = [state["momentum"] for state in trainer.optimizers[0].state.values()]
        tensors = {"weights": [*module.parameters()], "averages": [*average.parameters()], "momenta": momenta}
        digest = {name: hashlib.sha256(b"".join(t.detach().numpy().tobytes() for t in parts)).hexdigest()
                  for name, parts in tensors.items()}
        Path(f"rank{trainer.global_rank}.json").write_text(json.dumps(digest))

build = run.build_trainer
def build_with_digests(*arguments):
    trainer = build(*arguments)
    trainer.callbacks.insert(0, Digests())
    return trainer
run.build_trainer = build_with_digests
run.train(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def one(tiny: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one") / "run"
    train([*tiny, *SHORT, f"run_dir={folder}", "data.batch=4"])
    return folder


@pytest.fixture(scope="module")
def two(tiny: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same over two processes, which have to agree on the folder's name by themselves."""
    desk = tmp_path_factory.mktemp("two")
    (desk / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-W", "ignore", "script.py", *tiny, *SHORT, "data.batch=2", "trainer.devices=2"]
    command += ["trainer.live=async", "trainer.live_every=2", "trainer.patience=5"]
    done = subprocess.run(command, cwd=desk, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    (folder,) = (desk / "runs" / "small").iterdir()
    return folder


def logged(run: Path) -> dict[tuple[str, str], float]:
    with (run / "metrics.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if "per_second" not in row["name"]]
    assert len({(row["step"], row["name"]) for row in rows}) == len(rows)  # by one process only
    return {(row["step"], row["name"]): float(row["value"]) for row in rows}


def test_losses_and_validation_are_the_same(one: Path, two: Path) -> None:
    assert logged(two) == pytest.approx(logged(one), rel=1e-4)


@pytest.mark.parametrize("part", ["state_dict", "current_model_state"])
def test_weights_are_the_same_up_to_the_order_of_sums(part: str, one: Path, two: Path) -> None:
    alone, shared = (load_checkpoint(run / "checkpoints" / LAST)[part] for run in (one, two))
    for name, weights in alone.items():
        torch.testing.assert_close(shared[name], weights, rtol=1e-4, atol=1e-6)


def test_weights_averages_and_momenta_are_equal_on_both_ranks(two: Path) -> None:
    first, second = (json.loads((two.parents[2] / f"rank{rank}.json").read_text()) for rank in (0, 1))
    assert len(first) == 3
    assert first == second


def test_the_folder_is_that_of_one_process(one: Path, two: Path) -> None:
    names = {str(path.relative_to(one)) for path in one.rglob("*") if "events" not in path.name}
    shared = {str(path.relative_to(two)) for path in two.rglob("*") if "events" not in path.name}
    assert shared == names | {"live.png", "live.html"}
    assert len(list((two / "tensorboard").glob("events*"))) == 1


def test_processes_started_side_by_side_must_be_told_the_folder(
    tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEGRAIN_RUN_DIR", raising=False)
    monkeypatch.setenv("RANK", "1")
    with pytest.raises(TrainingError, match="agree"):
        compose_run(tiny)
    assert compose_run([*tiny, f"run_dir={tmp_path}"]).folder == tmp_path
    assert "DEGRAIN_RUN_DIR" not in os.environ


@pytest.mark.parametrize("override", ["trainer.strategy=abacus", "trainer.devices=0", "trainer.num_nodes=0"])
def test_devices_that_cannot_be_had_are_a_clear_error(override: str, tiny: list[str], tmp_path: Path) -> None:
    with pytest.raises(TrainingError):
        train([*tiny, f"run_dir={tmp_path / 'run'}", override])
