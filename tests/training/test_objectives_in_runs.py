"""Whole runs with other losses, other shots and no clean pictures."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file

from captures import write_captures
from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint
from degrain.objectives.vgg import Vgg16
from degrain.storage.run_folder import LAST, PREVIOUS
from degrain.training.run import train

SHORT = ["trainer.max_steps=6", "trainer.save_every=4", "trainer.valid_every=3"]
FROZEN = ["data.shots=2", "objective=noise2noise", "objective.loss=mse + 0.01 ssim"]
CAPTURED = ["source=shots", "data.shots=captured", "objective=noise2noise", "source.split.valid=0.3"]


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten gray scenes, two noisy captures and a clean picture each."""
    rng = np.random.default_rng(0)
    coarse = [Image.fromarray(rng.integers(60, 190, (6, 6), dtype=np.uint8)) for _ in range(10)]
    smooth = [np.asarray(image.resize((48, 40), Image.Resampling.BICUBIC), float) for image in coarse]
    scenes = {str(number): scene for number, scene in enumerate(smooth)}
    return write_captures(tmp_path_factory.mktemp("captures"), scenes, sigma=15)


def overrides(tiny: list[str], captures: Path, changes: list[str]) -> list[str]:
    if "source=shots" not in changes:
        return [*tiny, *SHORT, *changes]
    plain = [text for text in tiny if not text.startswith("source.")]
    return [*plain, *SHORT, *changes, f"source.root={captures}"]


def logged(run: Path) -> set[str]:
    with (run / "metrics.csv").open(newline="") as file:
        return {row["name"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def runs(tiny: list[str], captures: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two runs without clean targets: frozen shots of clean pictures, and captures."""
    root = tmp_path_factory.mktemp("runs")
    train([*overrides(tiny, captures, FROZEN), f"run_dir={root / 'frozen'}"])
    train([*overrides(tiny, captures, CAPTURED), f"run_dir={root / 'captured'}"])
    return {name: root / name for name in ("frozen", "captured")}


@pytest.mark.parametrize("shots", ["frozen", "captured"])
def test_a_resumed_run_ends_with_the_same_bytes(runs: dict[str, Path], tmp_path: Path, shots: str) -> None:
    cut = shutil.copytree(runs[shots], tmp_path / "cut")
    shutil.move(cut / "checkpoints" / PREVIOUS, cut / "checkpoints" / LAST)  # as if killed after step 4
    assert load_checkpoint(cut / "checkpoints" / LAST)["global_step"] == 4
    train([f"resume={cut}"])
    assert (cut / "checkpoints" / LAST).read_bytes() == (runs[shots] / "checkpoints" / LAST).read_bytes()


def test_captures_without_clean_pictures_are_judged_by_the_loss_on_held_out_pairs(runs: dict[str, Path]) -> None:
    names = logged(runs["captured"])
    assert "valid_loss_gray" in names
    assert not any(name.startswith("psnr") for name in names)
    assert len(list((runs["captured"] / "samples").iterdir())) == 2
    assert load_checkpoint(runs["captured"] / "checkpoints" / LAST)["recipe"]["card"]["noise"] == "captured"


def test_captures_with_clean_pictures_may_have_them_as_targets_and_the_network_that_looks_is_not_saved(
    tiny: list[str], captures: Path, tmp_path: Path
) -> None:
    vgg, run = tmp_path / "vgg.safetensors", tmp_path / "run"
    save_file(Vgg16(["relu1_2"]).state_dict(), vgg)
    perceptual = [f"losses.perceptual.weights={vgg}", "losses.perceptual.layers=[relu1_2]"]
    changes = ["source.settings.clean=clean", "objective=supervised", "objective.loss=l1 + 0.1 perceptual"]
    train([*overrides(tiny, captures, [*CAPTURED, *changes, *perceptual]), f"run_dir={run}"])
    assert {"loss_l1", "loss_perceptual"} <= logged(run)
    assert {name for name in logged(run) if "psnr" in name or "valid" in name} == {"psnr_gray_blind", "psnr"}
    checkpoint = load_checkpoint(run / "checkpoints" / LAST)
    assert all(name.startswith("by_planes.net.") for name in checkpoint["state_dict"])
    assert (run / "checkpoints" / LAST).stat().st_size < vgg.stat().st_size


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["objective.name=noise3noise"], "noise3noise"),
        (["+objective.speed=3"], "speed"),
        (["objective.loss=perceptual", "losses.perceptual.weights=/nowhere.pth"], "/nowhere.pth"),
        (["data.shots=once"], "once"),
        (["data.shots=1", "objective=noise2noise"], "'second'"),
        (["data.shots=captured"], "single pictures"),
    ],
)
def test_what_does_not_fit_together_is_said_before_the_first_step(
    tiny: list[str], tmp_path: Path, changes: list[str], message: str
) -> None:
    with pytest.raises(TrainingError, match=message):
        train([*tiny, *changes, f"run_dir={tmp_path / 'run'}"])
    assert not (tmp_path / "run").exists()
