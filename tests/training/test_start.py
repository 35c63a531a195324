"""A run that begins with what another has learnt."""

from pathlib import Path

import pytest
import torch

from degrain.errors import TrainingError
from degrain.export.checkpoint import load_network
from degrain.training.run import train

STILL = ["optimizer.lr=0", "trainer.max_steps=1"]  # a run that changes nothing


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory, tiny: list[str]) -> Path:
    folder = tmp_path_factory.mktemp("start") / "narrow"
    return train([*tiny, f"run_dir={folder}", "trainer.max_steps=12"])


@pytest.mark.parametrize("start", [".", "checkpoints/last.ckpt"])
def test_a_wider_network_goes_on_from_a_narrow_ones_run(
    start: str, narrow: Path, tiny: list[str], tmp_path: Path
) -> None:
    wide = train(
        [*tiny, f"start={narrow / start}", f"run_dir={tmp_path / 'wide'}", "model.settings.widths=[8,16]", *STILL]
    )
    noisy, level = torch.rand(2, 4, 16, 24), torch.rand(2, 1, 16, 24)
    with torch.inference_mode():
        before, after = (load_network(run / "checkpoints/last.ckpt")[0](noisy, level) for run in (narrow, wide))
    assert torch.allclose(before, after, atol=1e-5)


def test_a_resumed_run_does_not_begin_again(narrow: Path, tiny: list[str], tmp_path: Path) -> None:
    run = train([*tiny, f"start={narrow}", f"run_dir={tmp_path / 'run'}", "trainer.max_steps=3"])
    once = (run / "checkpoints/last.ckpt").read_bytes()
    train([f"resume={run}", "trainer.max_steps=4"])
    assert (run / "checkpoints/previous.ckpt").read_bytes() == once


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["start=nowhere.ckpt"], "nowhere.ckpt"),
        (["model=dncnn", "model.settings.depth=3"], "same layers"),
        (["model.settings.widths=[4,8]"], "no wider"),
    ],
)
def test_what_cannot_be_a_beginning_is_refused(
    changes: list[str], words: str, narrow: Path, tiny: list[str], tmp_path: Path
) -> None:
    widths = [text for text in tiny if "model=" not in " ".join(changes) or "model." not in text]
    with pytest.raises(TrainingError, match=words):
        train([*widths, f"start={narrow}", *changes, f"run_dir={tmp_path / 'run'}"])
    assert not (tmp_path / "run/config.yaml").exists()
