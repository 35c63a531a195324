from pathlib import Path

import pytest
import torch
from omegaconf import OmegaConf

from degrain.training.compose import compose_run
from degrain.training.precision import resolved
from degrain.training.run import train

LATER = ("precision", "loggers", "live", "live_every", "patience", "num_nodes", "strategy")


def test_what_is_asked_for_is_kept() -> None:
    assert resolved("16-mixed", "cpu") == "16-mixed"


@pytest.mark.parametrize("native", [True, False])
def test_auto_on_a_cpu_goes_by_what_it_computes_in(native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: native)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert resolved("auto", "cpu") == ("bf16-mixed" if native else "32-true")


def test_a_run_keeps_what_auto_stood_for_and_takes_defaults_for_later_settings(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=2"])
    config = OmegaConf.load(folder / "config.yaml")
    assert config.trainer.precision == resolved("auto", "cpu")
    for key in LATER:
        del config.trainer[key]
    config.trainer.precision = "64-true"
    OmegaConf.save(config, folder / "config.yaml")
    resumed = compose_run([f"resume={folder}"]).config
    assert resumed.trainer.precision == "64-true"
    assert resumed.trainer.live_every == 10
