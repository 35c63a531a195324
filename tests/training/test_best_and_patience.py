"""best.ckpt goes by the PSNR against clean pictures; a run may stop early by it, and by nothing else."""

import csv
from pathlib import Path
from typing import ClassVar

import pytest

from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint, load_network
from degrain.objectives.batch import Batch, Terms
from degrain.storage.run_folder import BEST, LAST
from degrain.training.build import check_patience
from degrain.training.checkpoints import KeepBest
from degrain.training.run import train

FROZEN = ["optimizer.lr=0", "trainer.valid_every=2"]  # the PSNR never rises


def psnrs(run: Path) -> dict[int, float]:
    with (run / "metrics.csv").open(newline="") as file:
        return {int(row["step"]) + 1: float(row["value"]) for row in csv.DictReader(file) if row["name"] == "psnr"}


def test_best_is_the_step_of_the_highest_psnr(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=12", "trainer.valid_every=3", "optimizer.lr=0.1"])
    values = psnrs(folder)
    assert list(values) == [3, 6, 9, 12]
    best = load_checkpoint(folder / "checkpoints" / BEST)
    assert best["global_step"] == max(values, key=lambda step: values[step])
    assert best["callbacks"]["KeepBest"]["best"] == pytest.approx(max(values.values()), rel=1e-5)
    load_network(folder / "checkpoints" / BEST)


def test_patience_ends_the_run_and_keeps_its_last_step(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    train([*tiny, *FROZEN, f"run_dir={folder}", "trainer.patience=2"])
    assert list(psnrs(folder)) == [2, 4, 6]  # the first is the best, two more were waited for
    assert load_checkpoint(folder / "checkpoints" / LAST)["global_step"] == 6
    assert load_checkpoint(folder / "checkpoints" / BEST)["global_step"] == 2
    assert (folder / "model.onnx").stat().st_size > 0


def test_patience_survives_a_resume(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    train([*tiny, *FROZEN, f"run_dir={folder}", "trainer.max_steps=5"])
    train([f"resume={folder}", "trainer.max_steps=40", "trainer.patience=3"])
    assert list(psnrs(folder)) == [2, 4, 6, 8]


class FromNoisy:
    needs: ClassVar[frozenset[str]] = frozenset({"noisy", "second", "level"})

    def __call__(self, net: object, batch: Batch) -> Terms:
        return {}


def test_patience_is_refused_where_nothing_is_clean() -> None:
    check_patience(None, FromNoisy())
    with pytest.raises(TrainingError, match="clean"):
        check_patience(3, FromNoisy())


def test_patience_without_held_out_pictures_is_refused(tiny: list[str], tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="held-out"):
        train([*tiny, f"run_dir={tmp_path / 'run'}", "source.split.valid=0", "trainer.patience=3"])


def test_another_measure_begins_to_compare_anew(tmp_path: Path) -> None:
    known = KeepBest(tmp_path, of="sigma 25")
    known.best, known.since = 30.0, 2
    same, other = KeepBest(tmp_path, of="sigma 25"), KeepBest(tmp_path, of="sigma 50")
    for callback in (same, other):
        callback.load_state_dict(known.state_dict())
    assert (same.best, same.since) == (30.0, 2)
    assert (other.best, other.since) == (float("-inf"), 0)
