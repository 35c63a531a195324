"""Which files are pictures, and the file behind an item, which no result may replace."""

from pathlib import Path

import numpy as np
import pytest

from degrain.sources.base import Item, Scene
from degrain.sources.cifar10 import CifarItem
from degrain.sources.files import FileItem, path_of, pictures_in
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


def test_results_and_hidden_files_are_no_clean_pictures(tmp_path: Path) -> None:
    for name in ("a.png", "a.denoised.png", "._a.png", ".thumbnails/a.png", "deep/b.jpg", "note.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(path.name for path in pictures_in(tmp_path)) == ["a.png", "b.jpg"]
