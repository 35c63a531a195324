"""What a source can give, what an objective needs, and what is said when the two do not meet."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from captures import write_captures
from degrain.data.crops import Crops
from degrain.data.datamodule import TileData, called
from degrain.data.shots import Fresh
from degrain.errors import TrainingError
from degrain.noise.gaussian import Gaussian
from degrain.noise.table import parse
from degrain.objectives.noise2noise import Noise2Noise
from degrain.objectives.supervised import Supervised
from degrain.sources.base import Source
from degrain.sources.folder import Folder
from degrain.sources.shots import Shots
from degrain.sources.split import Split

SUPERVISED, PAIRS = Supervised.needs, Noise2Noise.needs


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six scenes: two captures of each, and the clean picture."""
    rng = np.random.default_rng(0)
    scenes = {name: rng.uniform(60, 190, (20, 24, 3)) for name in "abcdef"}
    return write_captures(tmp_path_factory.mktemp("scenes"), scenes, sigma=10)


def data(
    source: Source, needs: frozenset[str], valid: float = 0.3, channels: tuple[int, ...] = (1, 3), **crops: object
) -> TileData:
    crops = {"side": 12, "batch": 4, "tile": 16} | crops
    noises = [Gaussian(15), Gaussian(50)]
    return TileData(Split(source, valid), Gaussian(25), noises, Crops(**crops), seed=0, needs=needs, channels=channels)


@pytest.mark.parametrize("needs", [SUPERVISED, PAIRS])
@pytest.mark.parametrize("shots", ["fresh", 2, "captured"])
def test_a_batch_has_what_the_objective_needs_and_depends_on_seed_and_step(
    root: Path, shots: str | int, needs: frozenset[str]
) -> None:
    one, other = (data(Shots(root, clean="clean"), needs, shots=shots) for _ in range(2))
    for part in (one, other):
        part.read(torch.device("cpu"))
    other.batch(0, 1)
    first, again = one.batch(0, 7), other.batch(0, 7)
    assert first.keys() == needs
    assert all(torch.equal(first[key], again[key]) for key in needs)
    assert not torch.equal(first["noisy"], one.batch(1, 7)["noisy"])


@pytest.mark.parametrize(
    ("make", "needs", "shots", "message", "hint"),
    [
        (lambda root: Folder(root / "clean"), PAIRS, 1, "'second'.*only clean, level, noisy", "data.shots=2"),
        (lambda root: Folder(root / "clean"), SUPERVISED, "captured", "single pictures", "source=shots"),
        (lambda root: Shots(root), SUPERVISED, "captured", "'clean'", "noise2noise"),
        (lambda root: Shots(root, scene="(.+)"), PAIRS, "captured", "'second'", "two captures"),
    ],
)
def test_what_cannot_be_given_is_named_before_any_picture_is_opened(
    root: Path, make, needs: frozenset[str], shots: str | int, message: str, hint: str
) -> None:
    with pytest.raises(TrainingError, match=message) as caught:
        data(make(root), needs, shots=shots)
    assert hint in caught.value.hint


def test_captures_without_clean_pictures_cannot_be_spoilt_further(root: Path) -> None:
    with pytest.raises(TrainingError, match="no clean picture") as caught:
        data(Shots(root), SUPERVISED).read(torch.device("cpu"))
    assert "captured" in caught.value.hint


@pytest.mark.parametrize("shots", ["once", 0, -1, 1.5, None])
def test_unknown_shots_are_refused(shots: object) -> None:
    with pytest.raises(TrainingError, match=r"data\.shots"):
        Crops(shots=shots)


@pytest.mark.parametrize(
    ("clean", "shots", "batches", "keys"),
    [
        ("clean", "fresh", 4, {"noisy", "clean", "level", "noise"}),  # two noises, colour and gray
        ("clean", 2, 4, {"noisy", "clean", "level", "noise"}),
        ("clean", "captured", 2, {"noisy", "second", "clean", "level"}),
        (None, "captured", 2, {"noisy", "second", "level"}),
    ],
)
def test_held_out_batches_hold_what_there_is_to_score_with(
    root: Path, clean: str | None, shots: str | int, batches: int, keys: set[str]
) -> None:
    part = data(Shots(root, clean=clean), PAIRS, valid=0.5, shots=shots)
    part.read(torch.device("cpu"))
    assert [set(batch) for batch in part.held_out] == [keys] * batches
    assert [batch["noisy"].shape[1] for batch in part.held_out] == [3, 1] * (batches // 2)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("gaussian:sigma=25", "25"),
        ("gaussian:sigma=12.5", "12.5"),
        ("gaussian:sigma=5..50", "gaussian:sigma=5..50"),
        ("poisson:peak=30", "poisson:peak=30"),
    ],
)
def test_a_noise_is_logged_by_its_sigma_or_its_short_form(text: str, name: str) -> None:
    assert called(parse(text)) == name


def test_nothing_held_out_is_no_obstacle(root: Path) -> None:
    part = data(Shots(root), PAIRS, valid=0, shots="captured")
    part.read(torch.device("cpu"))
    assert part.held_out == []


@pytest.mark.parametrize("channels", [1, 3])
def test_a_network_of_one_channel_count_gets_no_other(root: Path, channels: int) -> None:
    part = data(Folder(root / "clean"), SUPERVISED, valid=0.6, channels=(channels,), gray=0.5)
    part.read(torch.device("cpu"))
    seen = {batch["clean"].shape[1] for batch in (*part.held_out, *(part.batch(0, step) for step in range(8)))}
    assert len(part.held_out) == 2
    assert seen == {channels}


def spoil(folder: Path) -> list[str]:
    """Write what cannot be a clean picture; how each is spoken of."""
    whole = (folder / "a.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    tifffile.imwrite(folder / "hole.tif", np.full((30, 30), np.nan, np.float32))
    tifffile.imwrite(folder / "counts.tif", np.full((30, 30), 2000, np.float32))
    Image.new("L", (15, 400)).save(folder / "slim.png")
    return [
        "slim.png: 15x400 pixels",
        "cut.png",
        "empty.png",
        "hole.tif: 900 pixels are NaN",
        "counts.tif: values from 2000 to 2000",
    ]


@pytest.mark.parametrize("jpegs", [0, 2])
def test_pictures_that_cannot_be_read_are_left_out_and_listed_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, jpegs: int
) -> None:
    rng = np.random.default_rng(0)
    for name in "abc":
        Image.fromarray(rng.integers(0, 256, (20, 24, 3), np.uint8)).save(tmp_path / f"{name}.png")
    alone, spoilt = (data(Folder(tmp_path), SUPERVISED, valid=0, jpegs=jpegs) for _ in range(2))
    alone.read(torch.device("cpu"))
    caplog.clear()
    spoken_of = spoil(tmp_path)
    spoilt.read(torch.device("cpu"))
    (listed,) = (record.getMessage() for record in caplog.records if "left out" in record.getMessage())
    assert "5 cannot be used" in listed
    assert [listed.count(words) for words in spoken_of] == [1] * 5
    undisturbed, batch = alone.batch(0, 3), spoilt.batch(0, 3)
    assert all(torch.equal(undisturbed[key], batch[key]) for key in SUPERVISED)


def test_where_no_picture_can_be_read_the_first_is_named(tmp_path: Path) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "a.png")
    spoil(tmp_path)
    (tmp_path / "a.png").unlink()
    with pytest.raises(TrainingError, match=r"none of the pictures can be used.*counts\.tif"):
        data(Folder(tmp_path), SUPERVISED, valid=0).read(torch.device("cpu"))


def test_a_scene_with_a_shot_that_cannot_be_read_is_left_out(
    root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "scenes"
    shutil.copytree(root, copy)
    shot = copy / "noisy" / "c_2.png"
    shot.write_bytes(shot.read_bytes()[:100])
    whole, part = (data(Shots(place), PAIRS, valid=0, shots="captured") for place in (root, copy))
    for one in (whole, part):
        one.read(torch.device("cpu"))
    assert caplog.text.count("c_2.png") == 1
    assert 6 * len(part.supply.count) == 5 * len(whole.supply.count)


def test_held_out_pictures_are_not_trained_on(tmp_path: Path) -> None:
    """Twelve flat pictures, each of its own brightness."""
    for number in range(12):
        Image.fromarray(np.full((40, 60, 3), 20 * number, np.uint8)).save(tmp_path / f"{number}.png")
    part = data(Folder(tmp_path), SUPERVISED, valid=0.4)
    part.read(torch.device("cpu"))
    held_out = {round(255 * float(value)) for value in part.held_out[0]["clean"].mean((1, 2, 3))}
    trained = {
        round(255 * float(value)) for step in range(60) for value in part.batch(0, step)["clean"].mean((1, 2, 3))
    }
    assert held_out
    assert trained
    assert not held_out & trained


def test_jpegs_are_trained_on_and_not_judged_by(root: Path) -> None:
    plain, more = (data(Folder(root / "clean"), SUPERVISED, jpegs=jpegs) for jpegs in (0, 2))
    for part in (plain, more):
        part.read(torch.device("cpu"))
    assert isinstance(plain.supply, Fresh)
    assert isinstance(more.supply, Fresh)
    assert len(more.supply.bank.tiles) == 3 * len(plain.supply.bank.tiles)
    assert all(
        torch.equal(one["clean"], other["clean"]) for one, other in zip(plain.held_out, more.held_out, strict=True)
    )
