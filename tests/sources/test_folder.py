import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.errors import TrainingError, UnreadableImage
from degrain.sources.folder import Folder

SPLITS = ("train", "valid")


def add(root: Path, *names: str) -> Path:
    """Small pictures, each of one value."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 6, 3), len(name), np.uint8)).save(path)
    return root


def keys(source, split="all"):
    return [item.key for item in source.items(split)]


@pytest.fixture
def tree(tmp_path):
    """200 pictures in 20 folders."""
    return add(tmp_path, *(f"scene{scene:02}/{shot}.png" for scene in range(20) for shot in range(10)))


def test_lists_pictures_sorted_by_key_and_nothing_else(tmp_path):
    add(tmp_path, "b.png", "a/z.webp", "a.jpg", "A.PNG", "a/deep/er/x.bmp", "._a.png")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    assert keys(Folder(tmp_path)) == sorted(["b.png", "a/z.webp", "a.jpg", "A.PNG", "a/deep/er/x.bmp"])


def test_items_open_late(tmp_path):
    add(tmp_path, "good.png")
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    broken, good = Folder(tmp_path).items("all")
    assert good.load().samples.shape == (4, 6, 3)
    with pytest.raises(UnreadableImage, match=r"broken\.png"):
        broken.load()


@pytest.mark.parametrize("group_by", ["file", "folder"])
def test_splits_are_disjoint_and_complete(tree, group_by):
    source = Folder(tree, group_by=group_by, valid=0.3)
    train, valid = (set(keys(source, split)) for split in SPLITS)
    assert not train & valid
    assert train | valid == set(keys(source))


@pytest.mark.parametrize("group_by", ["file", "folder"])
def test_files_added_later_move_no_other(tree, group_by):
    source = Folder(tree, group_by=group_by, valid=0.3)
    before = {split: set(keys(source, split)) for split in SPLITS}
    add(tree, *(f"new{index}/{index}.png" for index in range(50)), "scene00/later.png")
    for split in SPLITS:
        assert before[split] < set(keys(source, split))


def test_a_group_stays_on_one_side(tree):
    source = Folder(tree, group_by="folder", valid=0.4)
    train, valid = ({item.path.parent for item in source.items(split)} for split in SPLITS)
    assert train
    assert valid
    assert not train & valid


def test_the_share_held_out_is_about_the_one_asked_for(tree):
    assert 10 <= len(keys(Folder(tree, valid=0.1), "valid")) <= 30
    assert len(keys(Folder(tree, valid=1), "valid")) == 200
    assert len(keys(Folder(tree, valid=0), "train")) == 200


def test_include_names_folders_and_changes_neither_keys_nor_splits(tree):
    whole = Folder(tree, valid=0.3)
    part = Folder(tree, include=["scene03", "scene01", "scene03"], valid=0.3)
    assert keys(part) == [key for key in keys(whole) if key.startswith(("scene01", "scene03"))]
    assert set(keys(part, "valid")) <= set(keys(whole, "valid"))


def test_pattern(tree):
    assert keys(Folder(tree, pattern="scene0[12]/3.*")) == ["scene01/3.png", "scene02/3.png"]


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode there")
def test_a_name_that_is_no_unicode_is_an_item_too(tmp_path):
    add(tmp_path, "a.png")
    try:
        (tmp_path / "a.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png"))
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert len(Folder(tmp_path).items("all")) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"include": ["missing"]}, "no folder"),
        ({"include": ["/"]}, "no folder"),
        ({"include": ["empty"]}, "no picture"),
        ({"pattern": "*.tif"}, "no picture"),
        ({"valid": 1.5}, "valid=1.5"),
        ({"group_by": "patient"}, "'patient'"),
    ],
)
def test_what_cannot_be_used_is_named(tree, settings, message):
    (tree / "empty").mkdir()
    with pytest.raises(TrainingError, match=message):
        Folder(tree, **settings).items("all")


def test_an_empty_split_is_named(tmp_path):
    with pytest.raises(TrainingError, match="'valid'") as caught:
        Folder(add(tmp_path, "a.png"), valid=0).items("valid")
    assert "valid=0" in caught.value.hint
