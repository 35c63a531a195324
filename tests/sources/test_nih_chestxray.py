"""Patients stay together, and whatever is missing is said."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.errors import TrainingError
from degrain.sources.nih_chestxray import NihChestXray
from degrain.sources.split import Split

COLUMNS = ["Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", ""]


def made(root: Path, patients: int = 30, shots: int = 3, table: str = "Data_Entry_2017.csv", flat: bool = True) -> Path:
    """Radiographs of patients, and one more in the table than on the disk for each."""
    with (root / table).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for patient in range(1, patients + 1):
            for shot in range(shots + 1):
                writer.writerow([f"{patient:08}_{shot:03}.png", "Hernia|Mass", shot, patient, "058Y", ""])
    for patient in range(1, patients + 1):
        folder = root / ("images" if flat else f"images_{1 + patient % 12:03}/images")
        folder.mkdir(parents=True, exist_ok=True)
        for shot in range(shots):
            Image.fromarray(np.full((8, 8), patient, np.uint8)).save(folder / f"{patient:08}_{shot:03}.png")
    return root


@pytest.mark.parametrize("flat", [True, False])
def test_patients_are_groups(tmp_path, flat):
    items = NihChestXray(made(tmp_path, flat=flat)).items()
    assert len(items) == 90
    assert len({item.group for item in items}) == 30
    assert all(int(item.group.split()[1]) == int(item.path.name[:8]) for item in items)
    assert [item.key for item in items] == sorted(item.key for item in items)
    assert items[0].load().channels == 1


def test_the_later_table_will_do(tmp_path):
    assert len(NihChestXray(made(tmp_path, 2, table="Data_Entry_2017_v2020.csv")).items()) == 6


def test_the_list_of_the_makers_when_asked_for(tmp_path):
    root = made(tmp_path)
    (root / "test_list.txt").write_text(
        "".join(f"{patient:08}_{shot:03}.png\n" for patient in (3, 5) for shot in range(4))
    )
    assert {item.side for item in NihChestXray(root).items()} == {None}
    test = Split(NihChestXray(root, official=True), valid=0.2, test=0.2).items("test")
    assert {item.group for item in test} == {"patient 3", "patient 5"}


def test_what_is_not_there_is_counted(tmp_path):
    assert NihChestXray(made(tmp_path)).missing()[0].startswith("30 of 120 pictures")
    assert "box.com" in NihChestXray(tmp_path).missing()[0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda root: (root / "Data_Entry_2017.csv").unlink(), r"Data_Entry_2017\.csv"),
        (lambda root: (root / "images").rename(root / "pictures"), "no picture"),
        (lambda root: (root / "Data_Entry_2017.csv").write_text("a,b\n1,2\n"), "Image Index"),
        (lambda root: (root / "Data_Entry_2017.csv").write_bytes(b"\xff\xfe\x00"), "cannot be understood"),
        (lambda root: (root / "images" / "00000001_000.png").rename(root / "images" / "stray.png"), r"stray\.png"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, spoil, message):
    spoil(made(tmp_path, 2))
    with pytest.raises(TrainingError, match=message) as caught:
        NihChestXray(tmp_path).items()
    assert caught.value.hint


def test_a_missing_list_or_folder(tmp_path):
    with pytest.raises(TrainingError, match=r"test_list\.txt"):
        NihChestXray(made(tmp_path, 2), official=True).items()
    with pytest.raises(TrainingError, match="no folder"):
        NihChestXray(tmp_path / "gone").items()


def test_a_list_that_is_no_text(tmp_path):
    root = made(tmp_path, 2)
    (root / "test_list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TrainingError, match=r"test_list\.txt cannot be understood"):
        NihChestXray(root, official=True).items()
