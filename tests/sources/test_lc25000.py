"""Copies of one original stay together, and every class is there."""

import shutil

import numpy as np
import pytest
from PIL import Image

from degrain.errors import TrainingError
from degrain.sources.lc25000 import COLON, LUNG, Lc25000
from degrain.sources.split import Split


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Three originals a class, each with a copy turned by 90 degrees, below the folders of the download."""
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "lung_colon_image_set"
    for seed, name in enumerate(COLON + LUNG):
        folder = root / ("colon_image_sets" if name in COLON else "lung_image_sets") / name
        folder.mkdir(parents=True)
        rng = np.random.default_rng(seed)
        for number in range(3):
            image = Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)).resize((96, 96))
            image.save(folder / f"{name}{number}.jpeg")
            image.transpose(Image.Transpose.ROTATE_90).save(folder / f"{name}{number + 3}.jpeg")
    return root


@pytest.mark.parametrize(("part", "classes"), [("colon", COLON), ("lung", LUNG), ("all", COLON + LUNG)])
def test_copies_are_one_group(root, part, classes):
    items = Lc25000(root, part).items()
    assert {item.path.parent.name for item in items} == set(classes)
    assert len(items) == 6 * len(classes)
    assert len({item.group for item in items}) == 3 * len(classes)
    number = {item.path.name: int(item.path.stem[-1]) % 3 for item in items}
    assert all(number[item.path.name] == number[item.group.rpartition("/")[2]] for item in items)


def test_groups_do_not_straddle(root):
    split = Split(Lc25000(root, "all"), valid=0.4, test=0.3)
    groups = [{item.group for item in items} for items in split.sides.values()]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 15


def test_a_picture_that_cannot_be_read_is_a_group_of_its_own(root, tmp_path):
    shutil.copytree(root, tmp_path / "copy")
    before = {item.key: item.group for item in Lc25000(tmp_path / "copy").items()}
    key = next(key for key, group in before.items() if key != group)
    broken = tmp_path / "copy" / key
    broken.write_bytes(broken.read_bytes()[:60])
    assert {item.key: item.group for item in Lc25000(tmp_path / "copy").items()} == before | {key: key}


def test_a_class_folder_by_itself_is_not_a_part(root):
    with pytest.raises(TrainingError, match="colon_n") as caught:
        Lc25000(root / "colon_image_sets" / "colon_aca").items()
    assert "kaggle" in caught.value.hint


def test_what_is_missing(root):
    assert [line.partition(" of ")[0] for line in Lc25000(root).missing()] == ["colon_aca: 6", "colon_n: 6"]


def test_an_unknown_part(root):
    with pytest.raises(TrainingError, match="'liver'"):
        Lc25000(root, "liver")


def test_no_folder(tmp_path):
    with pytest.raises(TrainingError, match="no folder"):
        Lc25000(tmp_path / "gone").items()
