"""The file behind an item, which no result may replace."""

from pathlib import Path

import numpy as np
import pytest

from degrain.sources.base import Item, Scene
from degrain.sources.cifar10 import CifarItem
from degrain.sources.files import FileItem, path_of
from degrain.sources.reduced import ReducedItem
from degrain.sources.with_jpegs import JpegItem

PATH = Path("photos/a.png")
FILE = FileItem(PATH, "a.png", "a.png")
ROW = CifarItem(np.zeros(3072, np.uint8), "data_batch_1/0000", "train")


@pytest.mark.parametrize(
    ("item", "path"),
    [
        (FILE, PATH),
        (ReducedItem(FILE, 32), PATH),
        (JpegItem(ReducedItem(FILE, 32)), PATH),
        (Scene("a", "a", (), FILE), PATH),
        (Scene("a", "a", (FILE,), None), None),
        (ReducedItem(ROW, 28), None),
    ],
)
def test_the_file_is_seen_through_all_that_wraps_it(item: Item, path: Path | None) -> None:
    assert path_of(item) == path
