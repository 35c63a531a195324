"""Every source answers the same questions, on small folders in the true layout and on real samples."""

import csv
import os
import pickle
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.errors import TrainingError
from degrain.sources.split import SIDES, Split
from degrain.sources.table import SOURCES, open_source

DATA = Path(os.environ.get("DEGRAIN_DATA", "nowhere")) / "domains"
REAL = {  # root below the domains of the data folder, settings
    "folder": ("cats", {}),
    "cifar10": ("cifar10", {}),
    "lc25000": ("histology", {"part": "all"}),
}


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    Image.fromarray(cells).resize((48, 48)).save(path)


def folder(root: Path, numbers: range) -> None:
    for n in numbers:
        picture(root / f"scene{n // 3:02}" / f"{n:03}.png", n)


def div2k(root: Path, numbers: range) -> None:
    for n in numbers:
        picture(root / ("valid" if n % 4 == 0 else "train") / f"{n:04}.png", n)


def cifar10(root: Path, numbers: range) -> None:
    (root / "cifar-10-batches-py").mkdir(exist_ok=True)
    for name in ("data_batch_1", "data_batch_2", "test_batch"):
        rows = np.random.default_rng(0).integers(0, 256, (numbers.stop, 3072), dtype=np.uint8)
        (root / "cifar-10-batches-py" / name).write_bytes(pickle.dumps({b"data": rows}, 2))


def nih_chestxray(root: Path, numbers: range) -> None:
    with (root / "Data_Entry_2017.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Image Index", "Patient ID"])
        writer.writerows([f"{n:08}_000.png", n // 3] for n in range(numbers.stop))
    for n in numbers:
        picture(root / "images" / f"{n:08}_000.png", n)


def lc25000(root: Path, numbers: range) -> None:
    for n in numbers:
        picture(root / "colon_image_sets" / ("colon_aca", "colon_n")[n % 2] / f"{n:04}.jpeg", n % 20)


def pexels(root: Path, numbers: range) -> None:
    with (root / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "photographer", "photographer_url", "page", "file"])
        writer.writerows([n, "name", f"https://maker/{n // 3}", "page", f"{n}.jpg"] for n in range(numbers.stop))
    for n in numbers:
        picture(root / f"{n}.jpg", n)


def shots(root: Path, numbers: range) -> None:
    for n in numbers:
        for place in (f"noisy/{n:03}_1.png", f"noisy/{n:03}_2.png", f"clean/{n:03}.png"):
            picture(root / place, n)


SETTINGS = {"shots": {"clean": "clean"}}  # where a source needs more than its root
MADE: dict[str, Callable[[Path, range], None]] = {
    "folder": folder,
    "shots": shots,
    "div2k": div2k,
    "cifar10": cifar10,
    "nih_chestxray": nih_chestxray,
    "lc25000": lc25000,
    "pexels": pexels,
}
every = pytest.mark.parametrize("name", SOURCES)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def opened(name: str, root: Path, **settings: object) -> Split:
    return Split(open_source(name, {"root": str(root), **SETTINGS.get(name, {})}), valid=0.3, test=0.2, **settings)


@pytest.fixture
def split(tmp_path, name) -> Split:
    MADE[name](tmp_path, range(60))
    return opened(name, tmp_path)


def keys(split: Split) -> dict[str, list[str]]:
    return {side: [item.key for item in split.sides[side]] for side in SIDES}


def check(split: Split) -> None:
    """What holds for every data set, made or real."""
    everything = [item.key for item in split.items("all")]
    assert everything == sorted(set(everything))
    assert sorted(chain.from_iterable(keys(split).values())) == everything
    groups = [{item.group for item in split.sides[side]} for side in SIDES]
    assert sum(map(len, groups)) == len(set.union(*groups))
    for item in (split.items("all")[0], split.items("all")[-1]):
        assert item.load().channels in (1, 3)


@every
def test_keys_sides_groups_and_pixels(split):
    check(split)
    assert split.sides["train"]
    assert split.sides["valid"]


@every
def test_it_is_the_same_when_opened_again(split, name, tmp_path):
    assert keys(split) == keys(opened(name, tmp_path))


@every
def test_pictures_added_later_move_no_other(split, name, tmp_path):
    before = keys(split)
    MADE[name](tmp_path, range(60, 80))
    after = keys(opened(name, tmp_path))
    assert all(set(before[side]) <= set(after[side]) for side in SIDES)
    assert sum(map(len, after.values())) > sum(map(len, before.values()))


@every
def test_limits_choose_within_a_side(split, name, tmp_path):
    limited = keys(opened(name, tmp_path, limit={"train": 5, "valid": 2}))
    assert [len(limited[side]) for side in ("train", "valid")] == [5, 2]
    assert all(set(limited[side]) <= set(keys(split)[side]) for side in SIDES)


@every
def test_what_is_missing_is_a_line_each(split):
    assert all(line and "\n" not in line for line in split.source.missing())


@every
def test_nothing_there_is_named_with_a_way_out(tmp_path, name):
    for root in (tmp_path, tmp_path / "gone"):
        with pytest.raises(TrainingError) as caught:
            open_source(name, {"root": root}).items()
        assert str(root) in str(caught.value)
        assert caught.value.hint or name in ("folder", "shots")


@every
def test_an_unknown_setting_is_named(tmp_path, name):
    with pytest.raises(TrainingError, match="colour"):
        open_source(name, {"root": tmp_path, "colour": "red"})


@every
def test_it_can_be_trained_on(name, tmp_path):
    """Its recipe opens it, and names no setting that it lacks."""
    pytest.importorskip("hydra")
    from degrain.training.build import build_pictures
    from degrain.training.compose import compose_run

    MADE[name](tmp_path, range(60))
    overrides = ["experiment=small", f"source={name}", f"source.root={tmp_path}", "source.split.limit.train=5"]
    config = compose_run(overrides).config
    assert config.source.credit
    assert 1 <= len(build_pictures(config.source).items("train")) <= 5


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="needs real samples: DEGRAIN_DATA")
@pytest.mark.parametrize("name", REAL)
def test_real_samples(name):
    root, settings = REAL[name]
    check(Split(open_source(name, {"root": DATA / root, **settings}), valid=0.3, test=0.2))


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="needs real samples: DEGRAIN_DATA")
def test_real_copies_are_found():
    """Pairs that the eye finds alike in the sample of LC25000: turned, mirrored, enlarged."""
    source = open_source("lc25000", {"root": DATA / "histology" / "lc25000_224"})
    group = {item.path.stem: item.group for item in source.items()}
    for one, other in (("n285", "n351"), ("n351", "n574"), ("n759", "n990"), ("n17", "n195"), ("n189", "n663")):
        assert group[f"colon{one}"] == group[f"colon{other}"]
    assert len(set(group.values())) > 0.85 * len(group)


@pytest.mark.parametrize("root", [None, ["photos"], {"a": 1}])
def test_a_root_that_is_no_text_is_named(root):
    for name in SOURCES:
        with pytest.raises(TrainingError, match=rf"source {name} "):
            open_source(name, {"root": root}).items()


def test_a_folder_may_be_named_2024(tmp_path):
    (tmp_path / "2024").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "2024" / "a.png")
    assert len(open_source("folder", {"root": tmp_path, "include": [2024]}).items()) == 1


def test_unknown_sources_are_named():
    with pytest.raises(TrainingError, match="imagenet") as caught:
        open_source("imagenet", {})
    assert "cifar10" in caught.value.hint
