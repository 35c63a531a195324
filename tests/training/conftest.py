"""A run small enough for a test: a few made pictures, a tiny network, forty steps."""

import warnings
from collections.abc import Callable
from pathlib import Path

import lightning as L
import numpy as np
import pytest
from omegaconf import OmegaConf
from PIL import Image

from degrain.training.build import build_data, build_module
from degrain.training.compose import compose_run

TINY = [
    "experiment=small",
    "model.settings.widths=[8,8]",
    "model.settings.blocks=[1,1]",
    "data.side=16",
    "data.tile=32",
    "data.batch=2",
    "source.settings.include=['']",
    "source.split.valid=0.3",
    "schedule.warmup=4",
    "trainer.accelerator=cpu",
    "trainer.max_steps=40",
    "trainer.log_every=1",
    "trainer.valid_every=20",
    "trainer.save_every=3",
    "trainer.progress=false",
]


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of ten smooth colour pictures."""
    root = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for index in range(10):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        coarse.resize((48, 40), Image.Resampling.BICUBIC).save(root / f"{index}.png")
    return root


@pytest.fixture(scope="session")
def tiny(photos: Path) -> list[str]:
    """Overrides of the tiny run, without its folder."""
    return [*TINY, f"source.root={photos}"]


@pytest.fixture
def fit_tiny(tiny: list[str], tmp_path: Path) -> Callable[..., L.Trainer]:
    """``fit_tiny(*callbacks, max_steps=6)`` trains the tiny network under nothing but these callbacks."""

    def fit(*callbacks: L.Callback, max_steps: int = 6) -> L.Trainer:
        config = OmegaConf.to_container(compose_run([*tiny, f"run_dir={tmp_path / 'run'}"]).config, resolve=True)
        trainer = L.Trainer(
            accelerator="cpu",
            max_steps=max_steps,
            limit_val_batches=0,
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            log_every_n_steps=1,
            callbacks=list(callbacks),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Lightning's, of its own internals
            module = build_module(config)
            trainer.fit(module, build_data(config, module))
        return trainer

    return fit
