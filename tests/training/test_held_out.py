"""What a run held out judges its model, by one command."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from degrain.errors import TrainingError
from degrain.training.held_out import held_out
from degrain.training.run import train


@pytest.fixture(scope="module")
def run(tiny: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("held_out") / "run"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=2", "source.split.test=0.3"])
    return folder


def test_a_run_is_measured_on_what_it_held_out(run: Path, bundled: None, degrain: Callable) -> None:
    done = degrain("evaluate", run, "-m", "small", "--json", "-")
    assert done.code == 0, done.err
    rows = json.loads(done.out)["rows"]
    assert {row["model"] for row in rows} == {"noisy", str(run), "small"}  # both models are called small
    assert {row["noise"] for row in rows} == set(OmegaConf.load(run / "config.yaml").valid_noises)
    assert {row["pictures"] for row in rows} == {len(held_out(run).items)}


def test_a_run_of_the_name_of_the_bundled_model_goes_by_its_folder(run: Path, degrain: Callable) -> None:
    rows = json.loads(degrain("evaluate", run, "--noise", "gaussian:sigma=25", "--json", "-").out)["rows"]
    assert [row["model"] for row in rows] == ["noisy", str(run)]


def test_a_result_never_replaces_a_picture_that_is_measured(
    tiny: list[str], tmp_path: Path, bundled: None, degrain: Callable
) -> None:
    run = tmp_path / "run"
    train([*tiny, f"run_dir={run}", "trainer.max_steps=1", "source.reduce=36", "source.split.test=0.5"])
    picture = held_out(run).items[0].whole.path
    before = picture.read_bytes()
    done = degrain("evaluate", run, "--panel", picture, "--overwrite")
    assert done.code == 2
    assert picture.read_bytes() == before


def test_a_run_that_has_not_ended_says_so(run: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes((run / "config.yaml").read_bytes())
    with pytest.raises(TrainingError, match=r"no model\.onnx"):
        held_out(tmp_path)
