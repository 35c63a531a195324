"""A slip in a setting is told before the run begins, with the next step."""

import re
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint
from degrain.models.catalog import build
from degrain.training.compose import compose_run
from degrain.training.run import train


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("source.root=???", r"source\.root has no default"),
        ("data.batch=0", r"data\.batch is a whole number from 1 on; got 0"),
        ("data.gray=7", r"data\.gray is a number from 0 to 1; got 7"),
        ("ema=much", "ema is a number from 0 to less than 1; got 'much'"),
        ("ema=1", "ema is a number from 0 to less than 1; got 1"),
        ("seed=true", "seed is a whole number"),
        ("trainer.max_steps=1.5", r"trainer\.max_steps is a whole number"),
        ("trainer.max_minutes=soon", "or null; got 'soon'"),
        ("trainer.valid_every=0", r"trainer\.valid_every"),
        ("trainer.loggers=csv", r"trainer\.loggers is a list"),
        ("valid_noises=gaussian", "valid_noises is a list"),
        ("valid_noises=[25]", "valid_noises is a list of names"),
        ("trainer.max_minutes=0", r"trainer\.max_minutes is a number above 0 and up to 1e\+07, or null; got 0"),
        ("trainer.live_every=null", r"trainer\.live_every is a whole number"),
        ("seed=10000000000", "seed is a whole number"),
        ("source.reduce=0", r"source\.reduce is a whole number from 1 on, or null"),
        ("source.split.limit.train=2.5", r"source\.split\.limit\.train is a whole number"),
        ("source.split.limit.test=0", r"source\.split\.limit\.test is a whole number from 1 on, or null; got 0"),
        ("source.root=2024", r"source\.root is a text, got 2024"),
        ("name=7", "name is a text, got 7"),
        ("objective.loss=null", r"objective\.loss is a text"),
        ("schedule=null", "schedule is a group of settings"),
        ("model.settings.widths=[]", "network 'bias_free_unet' cannot be built"),
    ],
)
def test_a_value_that_it_cannot_have(tiny: list[str], tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        train([*tiny, f"run_dir={tmp_path / 'run'}", override])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("override", ["trainer.devices=two", "trainer.accelerator=tpu"])
def test_a_trainer_that_cannot_be(tiny: list[str], tmp_path: Path, override: str) -> None:
    with pytest.raises(TrainingError, match="the trainer cannot be set up"):
        train([*tiny, f"run_dir={tmp_path / 'run'}", override])


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("experiment=smal", "known: adapt, base, .*, small, tiny$"),
        ("trainer.max_step=3", r"did you mean trainer\.max_steps\?"),
        ("colour=red", r"^docs/training\.md lists the settings"),
        ("source.root=scans (1)", "in quotes of its own"),
        ("garbage", "KEY=VALUE"),
    ],
)
def test_the_next_step_after_a_name_that_is_none(override: str, hint: str) -> None:
    with pytest.raises(TrainingError) as caught:
        compose_run([override])
    assert re.search(hint, str(caught.value.hint))


@pytest.mark.parametrize(
    ("network", "settings"),
    [
        ("vit", {"heads": 0}),
        ("unet", {"base": 0}),
        ("dncnn", {"width": 0}),
        ("xray_autoencoder", {"shrink": 0}),
        ("bias_free_unet", {"widths": [0, 8], "blocks": [1, 1]}),
        ("bias_free_unet", {"widths": [8, 8], "blocks": [1, -30]}),
    ],
)
@pytest.mark.filterwarnings("ignore:Initializing zero-element")
def test_a_network_that_cannot_be_is_named(network: str, settings: dict[str, object]) -> None:
    with pytest.raises(TrainingError, match=f"network '{network}' cannot be built"):
        build(network, settings)


@pytest.mark.parametrize("override", ["+optimizer.betas=[0.9]", "+optimizer.speed=3", "optimizer.lr=[1]"])
def test_an_optimizer_that_cannot_be_is_refused_before_anything_is_written(
    tiny: list[str], tmp_path: Path, override: str
) -> None:
    with pytest.raises(TrainingError, match="optimizer"):
        train([*tiny, "optimizer=adam", f"run_dir={tmp_path / 'run'}", override])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("precision", ["bf16-true", "64-true"])
def test_muon_learns_in_any_precision(tiny: list[str], tmp_path: Path, precision: str) -> None:
    run = train(
        [*tiny, "optimizer=muon", f"trainer.precision={precision}", "trainer.max_steps=2", f"run_dir={tmp_path}"]
    )
    weights = load_checkpoint(run / "checkpoints/last.ckpt")["state_dict"]
    assert all(weight.isfinite().all() for weight in weights.values())


def test_a_misspelt_name_in_a_resumed_run(tmp_path: Path) -> None:
    OmegaConf.save(compose_run(["experiment=small"]).config, tmp_path / "config.yaml")
    with pytest.raises(TrainingError) as caught:
        compose_run([f"resume={tmp_path}", "trainer.max_step=3"])
    assert "did you mean trainer.max_steps?" in str(caught.value.hint)
