import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.errors import TrainingError, UnreadableImage
from degrain.sources.folder import Folder


def add(root: Path, *names: str) -> Path:
    """Small pictures, each of one value."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 6, 3), len(name), np.uint8)).save(path)
    return root


def keys(source):
    return [item.key for item in source.items()]


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
    broken, good = Folder(tmp_path).items()
    assert good.load().samples.shape == (4, 6, 3)
    with pytest.raises(UnreadableImage, match=r"broken\.png"):
        broken.load()


@pytest.mark.parametrize(
    ("group_by", "groups"), [("file", 200), ("folder", 20), (r"scene(\d)\d/.+", 2), ("(x)", 200), ("(x)?.+", 200)]
)
def test_groups(tree, group_by, groups):
    items = Folder(tree, group_by=group_by).items()
    assert len({item.group for item in items}) == groups
    assert {item.side for item in items} == {None}


def test_include_names_folders_and_does_not_change_keys(tree):
    part = Folder(tree, include=["scene03", "scene01", "scene03"])
    assert keys(part) == [key for key in keys(Folder(tree)) if key.startswith(("scene01", "scene03"))]


def test_pattern(tree):
    assert keys(Folder(tree, pattern="scene0[12]/3.*")) == ["scene01/3.png", "scene02/3.png"]


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode there")
def test_a_name_that_is_no_unicode_is_an_item_too(tmp_path):
    add(tmp_path, "a.png")
    try:
        (tmp_path / "a.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png"))
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert len(Folder(tmp_path).items()) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"include": ["missing"]}, "no folder"),
        ({"include": ["/"]}, "no folder"),
        ({"include": ["empty"]}, "no picture"),
        ({"pattern": "*.tif"}, "no picture"),
        ({"group_by": "patient"}, "'patient' needs one group"),
        ({"group_by": "(patient"}, r"'\(patient' is no regular expression"),
    ],
)
def test_what_cannot_be_used_is_named(tree, settings, message):
    (tree / "empty").mkdir()
    with pytest.raises(TrainingError, match=message):
        Folder(tree, **settings).items()
