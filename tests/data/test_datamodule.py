"""Pictures of the right side, reduced when asked to."""

from pathlib import Path

import lightning as L
import numpy as np
import pytest
from PIL import Image

from degrain.data.datamodule import Crops, TileData
from degrain.errors import TrainingError
from degrain.noise.gaussian import Gaussian
from degrain.sources.folder import Folder
from degrain.sources.split import Split


@pytest.fixture
def split(tmp_path: Path) -> Split:
    """Twelve flat pictures of 40 x 60, each of its own brightness."""
    for number in range(12):
        Image.fromarray(np.full((40, 60, 3), 20 * number, np.uint8)).save(tmp_path / f"{number}.png")
    return Split(Folder(tmp_path), valid=0.4)


def set_up(split: Split, crops: Crops) -> TileData:
    data = TileData(split, Gaussian(25), [Gaussian(25)], crops, seed=0)
    data.trainer = L.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False)
    data.setup("fit")
    return data


@pytest.mark.parametrize(("resize", "tiles"), [(None, 6), (20, 2), (25, 4)])
def test_tiles_are_cut_of_reduced_training_pictures(split: Split, resize: int | None, tiles: int) -> None:
    data = set_up(split, Crops(side=16, tile=20, resize=resize))
    assert data.bank is not None
    training = split.items("train")
    assert len(data.bank.tiles) == tiles * len(training)
    seen = {int(value) for value in data.bank.tiles.unique()}
    assert seen == {20 * int(item.key.removesuffix(".png")) for item in training}


def test_held_out_pictures_are_reduced_too(split: Split) -> None:
    held_out = set_up(split, Crops(side=16, tile=20, resize=20)).held_out
    assert held_out[0]["clean"].shape == (2 * len(split.items("valid")), 3, 20, 20)


def test_pictures_smaller_than_a_tile_after_reducing_are_refused_before_the_work() -> None:
    with pytest.raises(TrainingError, match="resize"):
        Crops(side=16, tile=32, resize=31)
