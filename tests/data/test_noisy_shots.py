"""Fresh, frozen and captured shots: what is the same, what differs, and what noise it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from degrain.data.captured import Captured
from degrain.data.crops import Crops
from degrain.data.draw import TorchDraw
from degrain.data.shots import Fresh, Frozen, Supply, two_of
from degrain.data.tile_bank import TileBank
from degrain.errors import TrainingError
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.noise.base import Range
from degrain.noise.gaussian import Gaussian
from degrain.sources.base import Scene

CPU = torch.device("cpu")
ALL = frozenset({"noisy", "second", "clean", "level"})
CROPS = Crops(side=16, batch=6, tile=24, gray=0.0, blind=0.0)
NOISE = Gaussian(Range(10, 60))


@dataclass(frozen=True)
class Given:
    """An item whose picture is there already."""

    samples: np.ndarray
    key: str = "scene"
    group: str = "scene"

    def load(self) -> Picture:
        return Picture(self.samples, PixelScale.of(self.samples.dtype))


def picture(seed: int, side: int = 24, channels: int = 3) -> np.ndarray:
    """Few values, none near the ends."""
    return np.random.default_rng(seed).integers(80, 170, (side, side, channels), dtype=np.uint8)


def scene(seed: int, shots: int = 3, clean: bool = True, **kind: int) -> Scene:
    truth = picture(seed, **kind)
    rng = np.random.default_rng(100 + seed)
    noisy = [np.rint(truth + rng.normal(0, 10, truth.shape)).astype(np.uint8) for _ in range(shots)]
    return Scene(str(seed), str(seed), tuple(map(Given, noisy)), Given(truth) if clean else None)


def bank(pictures: int = 5) -> TileBank:
    return TileBank((Given(picture(seed)).load() for seed in range(pictures)), CROPS.tile, CPU)


def draw(step: int, batch: int = CROPS.batch) -> TorchDraw:
    return TorchDraw.of_step(0, step, batch, CPU)


WAYS = {
    "fresh": lambda scenes=5: Fresh(bank(scenes), NOISE),
    "frozen": lambda scenes=5: Frozen(bank(scenes), NOISE, shots=2, seed=0),
    "captured": lambda scenes=5: Captured([scene(seed) for seed in range(scenes)], CROPS.tile, CPU),
}


@pytest.fixture(params=sorted(WAYS))
def way(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def shots(way: str) -> Supply:
    return WAYS[way]()


@pytest.mark.parametrize("gray", [0.0, 1.0])
def test_a_step_is_the_same_batch_whatever_came_before(shots: Supply, gray: float) -> None:
    crops = replace(CROPS, gray=gray, blind=0.5)
    once = [shots.batch(crops, draw(step), ALL) for step in (3, 4)]
    again = [shots.batch(crops, draw(step), ALL) for step in (4, 3)]
    for one, other in zip(once, reversed(again), strict=True):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)
    assert not torch.equal(once[0]["clean"], once[1]["clean"])


@pytest.mark.parametrize("needs", [{"noisy", "clean", "level"}, {"noisy", "second", "level"}, {"noisy", "level"}, ALL])
def test_a_batch_has_the_keys_needed_and_leaving_one_out_changes_no_other(shots: Supply, needs: set[str]) -> None:
    whole, batch = shots.batch(CROPS, draw(0), ALL), shots.batch(CROPS, draw(0), frozenset(needs))
    assert batch.keys() == needs
    assert all(torch.equal(batch[key], whole[key]) for key in batch)


@pytest.mark.parametrize(("gray", "channels"), [(0.0, 3), (1.0, 1)])
def test_shots_lie_over_their_clean_picture_with_noises_of_their_own(way: str, gray: float, channels: int) -> None:
    """Misplaced crops would differ from the clean one by its contrast; shared noise would show as a correlation."""
    shots = WAYS[way](scenes=40)  # 23,000 pixels: a correlation of 0.007 is chance
    batch = shots.batch(replace(CROPS, gray=gray, batch=128), draw(0, batch=128), ALL)
    assert batch["noisy"].shape == batch["clean"].shape == (128, channels, 16, 16)
    noises = [(batch[key] - batch["clean"]).flatten(1) for key in ("noisy", "second")]
    told = batch["level"].mean((1, 2, 3)).clamp(min=1e-6)
    for noise in noises:
        assert noise.mean().abs() < 0.01
        if batch["level"].any():
            assert ((noise.std(1) / told - 1).abs() < 0.2).all()
        else:  # captured: sigma 10 in each channel, luma averages them
            assert float(noise.std()) == pytest.approx(10 / 255 * (1.0 if channels == 3 else 0.669), rel=0.05)
    together = (noises[0] * noises[1]).mean() / (noises[0].std() * noises[1].std())
    assert together.abs() < 0.03


def test_captured_levels_are_not_told() -> None:
    assert not WAYS["captured"]().batch(CROPS, draw(0), ALL)["level"].any()


def noises_of_places(shots: Supply, steps: int) -> dict[bytes, set[bytes]]:
    """Whole unflipped-or-flipped tiles seen over many steps: clean pixels -> the noises that came with them."""
    crops = replace(CROPS, side=CROPS.tile)
    seen: dict[bytes, set[bytes]] = {}
    for step in range(steps):
        batch = shots.batch(crops, draw(step), ALL)
        for key in ("noisy", "second"):
            for clean, noisy in zip(batch["clean"], batch[key], strict=True):
                seen.setdefault(clean.numpy().tobytes(), set()).add(noisy.numpy().tobytes())
    return seen


@pytest.mark.parametrize(("kind", "most"), [("frozen", 2), ("captured", 3)])
def test_a_tile_has_its_few_shots_and_no_others_at_any_step(kind: str, most: int) -> None:
    """Five tiles eight ways round: each of those 40 clean pictures comes with at most its own shots."""
    seen = noises_of_places(WAYS[kind](), steps=60)
    assert len(seen) == 40
    assert max(len(noises) for noises in seen.values()) == most


def test_fresh_noise_never_repeats() -> None:
    seen = noises_of_places(WAYS["fresh"](), steps=20)
    assert sum(len(noises) for noises in seen.values()) == 20 * CROPS.batch * 2


def test_frozen_noise_depends_on_seed_tile_and_shot_alone() -> None:
    flat = torch.full((1, 3, 24, 24), 0.5)
    one, other, reseeded = (Frozen(bank(count), NOISE, 3, seed) for count, seed in ((5, 0), (2, 0), (5, 1)))
    assert torch.equal(one.shot(flat, 1, 2), other.shot(flat, 1, 2))
    drawn = [one.shot(flat, tile, shot) for tile in range(5) for shot in range(3)] + [reseeded.shot(flat, 1, 2)]
    assert len({shot.numpy().tobytes() for shot in drawn}) == 16
    apart = [[float(one.shot(flat, tile, shot).std()) for shot in range(3)] for tile in range(5)]
    assert all(max(levels) / min(levels) < 1.1 for levels in apart)  # one pinned noise per tile
    assert max(levels[0] for levels in apart) / min(levels[0] for levels in apart) > 1.3  # and another for the next


@pytest.mark.parametrize("count", [1, 2, 5])
def test_pairs_are_two_different_shots_each_as_often(count: int) -> None:
    first, other = two_of(torch.full((4000,), count), draw(0, batch=4000))
    pairs, times = torch.unique(torch.stack([first, other]), dim=1, return_counts=True)
    assert pairs.shape[1] == max(count * (count - 1), 1)
    assert bool((pairs[0] != pairs[1]).all()) == (count > 1)
    assert times.min() > 0.7 * times.float().mean()


def test_scenes_may_have_different_numbers_of_shots() -> None:
    seen = noises_of_places(Captured([scene(0, shots=2), scene(1, shots=4)], CROPS.tile, CPU), steps=60)
    assert sorted({len(noises) for noises in seen.values()}) == [2, 4]


def test_gray_scenes_stay_gray_and_colour_makes_all_of_them_colour() -> None:
    gray, colour = scene(0, channels=1), scene(1)
    only_gray, both = (Captured(scenes, CROPS.tile, CPU) for scenes in ([gray], [gray, colour]))
    assert only_gray.batch(CROPS, draw(0), ALL)["noisy"].shape[1] == 1
    assert both.batch(CROPS, draw(0), ALL)["noisy"].shape[1] == 3
    assert [batch["noisy"].shape[1] for batch in only_gray.held_out(32)] == [1]
    assert [batch["noisy"].shape[1] for batch in both.held_out(32)] == [3, 1]


def test_float_captures_are_neither_clipped_nor_rounded() -> None:
    wide = [np.random.default_rng(seed).normal(0.1, 0.5, (24, 24, 1)).astype(np.float32) for seed in range(2)]
    captured = Captured([Scene("a", "a", tuple(map(Given, wide)), None)], CROPS.tile, CPU)
    (batch,) = captured.held_out(32)
    assert torch.equal(batch["noisy"][0, 0], torch.from_numpy(wide[0][..., 0]))
    assert torch.equal(batch["second"][0, 0], torch.from_numpy(wide[1][..., 0]))
    assert "clean" not in batch


def test_uint8_captures_take_a_byte_a_sample_unless_others_are_finer() -> None:
    coarse, fine = picture(0), picture(1).astype(np.uint16) * 256
    same, mixed = ([Scene("a", "a", (Given(coarse),), None)], [Scene("b", "b", (Given(fine),), None)])
    assert Captured(same, CROPS.tile, CPU).shots.dtype == torch.uint8
    tiles = Captured([*same, *mixed], CROPS.tile, CPU).shots
    assert torch.allclose(tiles[0], torch.from_numpy(coarse.transpose(2, 0, 1)).float() / 255)
    assert torch.allclose(tiles[1], torch.from_numpy(fine.astype(np.float32).transpose(2, 0, 1)) / 65535)


@pytest.mark.parametrize("other", [picture(0, side=25), picture(0, channels=1)])
def test_pictures_of_a_scene_that_do_not_fit_are_named(other: np.ndarray) -> None:
    shots: Sequence[Given] = (Given(picture(0)), Given(other))
    with pytest.raises(TrainingError, match="'cells'"):
        Captured([Scene("cells", "cells", shots, None)], CROPS.tile, CPU)


def test_scenes_too_small_for_a_tile_are_named_as_the_reason() -> None:
    with pytest.raises(TrainingError, match="tiles have 24"):
        Captured([scene(0, side=23)], CROPS.tile, CPU)
