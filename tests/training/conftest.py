"""A run small enough for a test: a few made pictures, a tiny network, forty steps."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

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
