"""Captures grouped into scenes by their names."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.errors import TrainingError
from degrain.sources.shots import Shots
from degrain.sources.split import Split

FLUORESCENCE = Path(os.environ.get("DEGRAIN_DATA", "/nowhere")) / "domains/microscopy/fmd"


def add(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 6), len(name), np.uint8)).save(path)


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    """30 scenes in two folders, two to four shots each, and their clean pictures."""
    for number in range(30):
        scene = f"day{number % 2}/cell_{number:02}"
        add(tmp_path, *(f"noisy/{scene}_{shot}.png" for shot in range(1, 3 + number % 3)), f"clean/{scene}.tif")
    return tmp_path


def test_files_of_one_scene_are_its_shots(captures: Path) -> None:
    scenes = Shots(captures, clean="clean").items()
    assert [scene.key for scene in scenes] == sorted(f"day{n % 2}/cell_{n:02}" for n in range(30))
    first = scenes[0]
    assert [item.key for item in first.shots] == ["day0/cell_00_1.png", "day0/cell_00_2.png"]
    assert first.load().samples.shape == (4, 6, 1)
    assert first.clean.key == "day0/cell_00.tif"


def test_scenes_stay_on_one_side_and_every_one_has_a_side(captures: Path) -> None:
    split = Split(Shots(captures), valid=0.3)
    sides = [{scene.key for scene in split.items(side)} for side in ("train", "valid")]
    assert all(sides)
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] == {scene.key for scene in split.items("all")}


def test_every_file_may_be_a_scene_of_its_own(tmp_path: Path) -> None:
    add(tmp_path, "in/a.png", "in/b.png", "out/a.png", "out/b.png")
    scenes = Shots(tmp_path, noisy="in", clean="out", scene="(.+)").items()
    assert [(scene.key, len(scene.shots)) for scene in scenes] == [("a", 1), ("b", 1)]


def test_a_scene_without_a_clean_picture_says_so(captures: Path) -> None:
    with pytest.raises(TrainingError, match="no clean picture"):
        Shots(captures).items()[0].load()


def test_a_missing_clean_picture_is_named(captures: Path) -> None:
    (captures / "clean/day1/cell_07.tif").unlink()
    with pytest.raises(TrainingError, match="day1/cell_07"):
        Shots(captures, clean="clean").items()


@pytest.mark.parametrize("folder", ["noisy", "clean"])
def test_a_file_beside_its_conversion_is_refused(captures: Path, folder: str) -> None:
    add(captures, f"{folder}/day1/cell_07_1.bmp", f"{folder}/day1/cell_07_1.png")
    with pytest.raises(TrainingError, match=r"cell_07_1\.bmp and .*cell_07_1\.png"):
        Shots(captures, clean="clean").items()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scene": "(.+"}, "no regular expression"),
        ({"scene": ".+"}, "one group"),
        ({"scene": "(.+)_([0-9])"}, "one group"),
        ({"scene": "(x+)"}, "named like"),
        ({"noisy": "gone"}, "gone"),
        ({"clean": "gone"}, "gone"),
    ],
)
def test_what_cannot_be_used_is_named(captures: Path, settings: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        Shots(captures, **settings).items()


@pytest.mark.data
@pytest.mark.skipif(not FLUORESCENCE.is_dir(), reason="needs domains/microscopy/fmd below DEGRAIN_DATA")
def test_fluorescence_captures_are_four_shots_of_each_of_eight_scenes() -> None:
    scenes = Shots(FLUORESCENCE, clean="clean").items()
    assert [len(scene.shots) for scene in scenes] == [4] * 8
    shots, clean = [item.load().unit() for item in scenes[0].shots], scenes[0].load().unit()
    apart = [np.std(shot - clean) for shot in shots]
    between = np.std(shots[0] - shots[1])
    assert between == pytest.approx(np.hypot(*apart[:2]), rel=0.1)  # their noises are independent
