"""The folders are the split, under either of their names."""

import pytest
from PIL import Image

from degrain.errors import TrainingError
from degrain.sources.div2k import Div2k
from degrain.sources.split import Split


def add(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(root / name)
    return root


@pytest.mark.parametrize(("train", "valid"), [("train", "valid"), ("DIV2K_train_HR", "DIV2K_valid_HR")])
def test_folders_are_sides(tmp_path, train, valid):
    add(tmp_path, f"{train}/0001.png", f"{train}/deep/0002.png", f"{valid}/0801.png", "other/0900.png")
    split = Split(Div2k(tmp_path), valid=0.9)
    assert [item.key for item in split.items("train")] == [f"{train}/0001.png", f"{train}/deep/0002.png"]
    assert [item.key for item in split.items("valid")] == [f"{valid}/0801.png"]
    assert Div2k(tmp_path).missing() == []


def test_a_missing_side_is_named(tmp_path):
    assert Div2k(add(tmp_path, "train/0001.png")).missing()[0].startswith("valid/")


@pytest.mark.parametrize("root", [".", "gone"])
def test_nothing_there(tmp_path, root):
    with pytest.raises(TrainingError) as caught:
        Div2k(tmp_path / root).items()
    assert "DIV2K" in caught.value.hint
