"""Splits over made items: disjoint, complete, by group, and stable."""

from dataclasses import dataclass

import pytest

from degrain.errors import TrainingError
from degrain.sources.split import SIDES, Split


@dataclass(frozen=True)
class Made:
    key: str
    group: str
    side: str | None = None


@dataclass(frozen=True)
class Few:
    """A source of made items."""

    made: tuple[Made, ...]

    def items(self):
        return sorted(self.made, key=lambda item: item.key)

    def missing(self):
        return ()


def patients(count=300, first=0, **shots):
    """Three pictures of each."""
    numbers = range(first, first + count)
    return tuple(Made(f"{n:04}_{shot}", f"patient {n}", **shots) for n in numbers for shot in range(3))


def keys(split, side):
    return [item.key for item in split.items(side)]


def parted(made, **settings):
    split = Split(Few(made), **settings)
    return {side: set(keys(split, side)) for side in SIDES if split.sides[side]}


def test_sides_are_disjoint_complete_sorted_and_of_about_the_share_asked_for():
    split = Split(Few(patients()), valid=0.2, test=0.2)
    train, valid, test = (keys(split, side) for side in SIDES)
    assert sorted(train + valid + test) == keys(split, "all")
    assert train == sorted(train)
    assert [len(side) for side in (train, valid, test)] == pytest.approx([540, 180, 180], rel=0.2)


def test_a_group_stays_on_one_side():
    split = Split(Few(patients()), valid=0.3, test=0.3)
    groups = [{item.group for item in split.items(side)} for side in SIDES]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 300


def test_what_is_added_later_moves_no_other():
    settings = {"valid": 0.3, "test": 0.2}
    before, after = parted(patients(), **settings), parted(patients(400), **settings)
    assert all(before[side] < after[side] for side in SIDES)


def test_the_test_share_moves_nothing_between_validation_and_the_rest():
    assert parted(patients(), valid=0.3)["valid"] == parted(patients(), valid=0.3, test=0.3)["valid"]


def test_the_assignment_is_pinned():
    """Published models were validated on what this says."""
    made = tuple(Made(name, name) for name in ("kodim01.png", "pack1_cid22/1420710.webp", "a", "b", "c", "d"))
    assert parted(made, valid=0.05)["valid"] == {"pack1_cid22/1420710.webp"}
    assert parted(made, valid=0.2)["valid"] == {"pack1_cid22/1420710.webp", "c", "d"}


def test_no_share_and_the_whole():
    assert set(parted(patients(), valid=0)) == {"train"}
    assert set(parted(patients(), valid=1)) == {"valid"}
    assert set(parted(patients(), valid=0, test=1)) == {"test"}


def test_the_split_of_the_makers_is_kept_and_what_they_left_out_is_taken_from_training():
    official = patients(100, side="train") + patients(50, first=100, side="test")
    sides = parted(official, valid=0.2, test=0.5)
    assert sides["test"] == {item.key for item in official if item.side == "test"}
    assert len(sides["valid"]) == pytest.approx(60, rel=0.35)
    assert len(sides["train"]) + len(sides["valid"]) == 300


def test_a_given_validation_side_is_not_added_to():
    official = patients(100, side="train") + patients(50, first=100, side="valid")
    assert {side: len(found) for side, found in parted(official, valid=0.5).items()} == {"train": 300, "valid": 150}


def test_limits_choose_by_seed():
    settings = {"valid": 0.2, "limit": {"train": 100, "valid": None, "test": 7}}
    chosen = parted(patients(), **settings)
    assert len(chosen["train"]) == 100
    assert chosen["train"] < parted(patients(), valid=0.2)["train"]
    assert chosen["valid"] == parted(patients(), valid=0.2)["valid"]
    assert chosen == parted(patients(), **settings)
    assert chosen["train"] != parted(patients(), **settings, seed=1)["train"]
    assert len(keys(Split(Few(patients()), **settings), "all")) == 900


def test_limits_are_stable():
    """What is added later displaces at most as many as it brings in."""
    before, after = (parted(patients(n), limit={"train": 500})["train"] for n in (300, 310))
    assert 0 < len(before - after) <= 30


def test_a_limit_beyond_what_there_is():
    assert len(parted(patients(10), valid=0, limit={"train": 500})["train"]) == 30


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"valid": 1.5}, r"valid=1\.5"),
        ({"valid": -0.1}, r"valid=-0\.1"),
        ({"valid": 0.6, "test": 0.6}, r"test=0\.6"),
        ({"limit": {"trian": 5}}, "trian"),
        ({"limit": {"train": 0}}, "train=0"),
    ],
)
def test_what_cannot_be_used_is_named(settings, message):
    with pytest.raises(TrainingError, match=message):
        Split(Few(patients()), **settings)


def test_an_empty_side_is_named():
    with pytest.raises(TrainingError, match="'valid'") as caught:
        Split(Few(patients(1)), valid=0).items("valid")
    assert "valid=0" in caught.value.hint
