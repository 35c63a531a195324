"""Every noise of the table answers the same questions, on NumPy and on torch alike."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf

from degrain import conf
from degrain.data.datamodule import SCORED, noisy_batch
from degrain.data.draw import TorchDraw
from degrain.images.tone import to_light
from degrain.noise.base import NoiseModel, Range
from degrain.noise.chain import Chain
from degrain.noise.either import Chosen
from degrain.noise.level import BLIND
from degrain.noise.table import NOISES, build, parse

RECIPES = {path.stem: path for path in sorted((Path(conf.__file__).parent / "noise").glob("*.yaml"))}
LEVELLED = {
    "correlated",
    "either",
    "gaussian",
    "poisson",
    "poisson_gaussian",
    "uniform",
}  # a variance that grows with brightness
STILL = {"jpeg", "quantise"}  # without chance

every = pytest.mark.parametrize("name", NOISES)


def noise_of(name: str) -> NoiseModel:
    """With its defaults."""
    return parse(
        {"chain": "poisson:peak=30+gaussian:sigma=5", "either": "poisson:peak=30|gaussian:sigma=5"}.get(name, name)
    )


def recipe(name: str) -> NoiseModel:
    """With the ranges that it is trained with."""
    settings = OmegaConf.to_container(OmegaConf.load(RECIPES[name]))
    return build(settings.pop("name"), settings)


def settings_of(noise: NoiseModel) -> list[object]:
    if parts := getattr(noise, "links", getattr(noise, "of", ())):
        return [value for part in parts for value in settings_of(part)]
    return [getattr(noise, key.name) for key in fields(noise)]


def in_srgb(variance_of_light: Callable[[float], float]) -> Callable[[float], float]:
    """A variance of light as one of sRGB values, by the slope of the tone curve."""

    def variance(x: float) -> float:
        low, light, high = to_light(np.array([x - 1e-6, x, x + 1e-6]))
        return variance_of_light(light) / ((high - low) / 2e-6) ** 2

    return variance


@dataclass(frozen=True)
class Theory:
    """Mean and variance of a flat picture's samples, as functions of its value."""

    text: str
    variance: Callable[[float], float]
    mean: Callable[[float], float] = lambda x: x


THEORY = [
    Theory("gaussian:sigma=25.5", lambda x: 0.01),
    Theory("gaussian:sigma=127.5", lambda x: 0.25),
    Theory("correlated:sigma=25.5,radius=0.5", lambda x: 0.01),
    Theory("correlated:sigma=25.5,radius=1.2", lambda x: 0.01),
    Theory("uniform:width=51", lambda x: 0.04 / 12),
    Theory("speckle:sigma=51", lambda x: (0.2 * x) ** 2),
    Theory("poisson:peak=2", lambda x: x / 2),
    Theory("poisson:peak=30", lambda x: x / 30),
    Theory("poisson:peak=5000", lambda x: x / 5000),
    Theory("poisson_gaussian:peak=30,sigma=25.5", lambda x: x / 30 + 0.01),
    Theory("poisson:peak=30+gaussian:sigma=25.5", lambda x: x / 30 + 0.01),
    Theory("salt_and_pepper:amount=0.5,salt=0.5", lambda x: (x - 0.5) ** 2 / 4 + 1 / 8, lambda x: x / 2 + 1 / 4),
    Theory("masking:amount=0.3", lambda x: 0.21 * x**2, lambda x: 0.7 * x),
    Theory("jpeg:quality=100", lambda x: 0, lambda x: round(255 * x) / 255),
    Theory("quantise:bits=3", lambda x: 0, lambda x: round(7 * x) / 7),
    Theory("mottle:peak=50,dose=1,blur=0,sigma=0", lambda x: x / 50),
    Theory("mottle:peak=50,dose=0.5,blur=0,sigma=5.1", lambda x: x / 25 + 0.04**2),
    Theory(  # bilinear: of the sites' variance 5/8 is left in green and 9/16 in red and blue
        "camera:peak=20000,read=20,red=1,blue=1,colour=1,gradient=0,soft=0,chroma=0",
        in_srgb(lambda light: 7 / 12 * (light / 20000 + 0.001**2)),
    ),
    Theory("mottle:peak=20,dose=1,blur=1,sigma=5.1", lambda x: x / 20 / (4 * np.pi) + 0.02**2),
]  # fmt: skip


def test_every_noise_has_a_theory_and_a_recipe():
    assert {theory.text.partition(":")[0] for theory in THEORY} == set(NOISES) - {"chain", "either"}
    assert set(RECIPES) >= set(NOISES)  # and a few of certain strengths


@pytest.mark.parametrize("value", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("theory", THEORY, ids=lambda theory: theory.text)
def test_mean_and_variance_by_value(theory, value, lane):
    noisy = np.asarray(parse(theory.text).apply(lane.flat(value), lane.draw()), np.float64)
    variance = theory.variance(value)
    assert noisy.var() == pytest.approx(variance, rel=0.06, abs=1e-12)
    assert noisy.mean() == pytest.approx(theory.mean(value), abs=0.05 * variance**0.5 + 1e-6)


@pytest.mark.parametrize("name", sorted(set(NOISES) - STILL - {"camera", "correlated", "mottle"}))
def test_neighbours_are_independent(name, lane):
    noisy = np.asarray(noise_of(name).apply(lane.flat(0.5), lane.draw()))
    noise = (noisy - noisy.mean()) / noisy.std()
    for axis in (-1, -2):
        line = noise.swapaxes(axis, -1)
        assert abs((line[..., 1:] * line[..., :-1]).mean()) < 5 / (noise.size / 3) ** 0.5


@pytest.mark.parametrize("name", sorted(set(NOISES) - STILL - {"camera", "masking"}))
def test_channels_are_independent(name, one_by_one):
    red, green, blue = noise_of(name).apply(one_by_one.flat(0.5), one_by_one.draw())
    assert np.abs(np.corrcoef([red.ravel(), green.ravel(), blue.ravel()]) - np.eye(3)).max() < 0.07


@every
def test_the_same_draw_gives_the_same_pixels_and_the_next_draw_others(name, lane):
    pinned, draw = recipe(name).pin(lane.draw()), lane.draw(1)
    first, second, again = (np.asarray(pinned.apply(lane.smooth(), chance)) for chance in (draw, draw, lane.draw(1)))
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, second) == (name in STILL)


@every
def test_shape_and_type_stay_and_the_clean_picture_too(name, lane):
    clean = lane.smooth()
    before = np.asarray(clean).copy()
    noisy = recipe(name).pin(lane.draw()).apply(clean, lane.draw())
    assert type(noisy) is type(clean)
    assert (noisy.shape, noisy.dtype) == (clean.shape, clean.dtype)
    assert not np.array_equal(np.asarray(noisy), before)
    np.testing.assert_array_equal(np.asarray(clean), before)


@every
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 9), (4, 7, 2)])
def test_any_size_and_number_of_channels(name, lane, shape):
    clean = lane.array(np.full(shape, 0.5, np.float32))
    noisy = np.asarray(noise_of(name).apply(clean, lane.draw()))
    assert noisy.shape == clean.shape
    assert np.isfinite(noisy).all()


@pytest.mark.parametrize(
    "name", sorted(set(NOISES) - STILL - {"masking", "salt_and_pepper", "speckle", "chain", "either"})
)
def test_nothing_is_clipped(name, lane):
    noisy = np.asarray(noise_of(name).apply(lane.flat(1.0), lane.draw()))
    assert noisy.max() > 1.02


@every
def test_pinning_makes_every_range_one_number_per_picture(name, lane):
    noise = recipe(name)
    pinned = noise.pin(lane.draw())
    ranges = [pair for pair in zip(settings_of(noise), settings_of(pinned), strict=True) if isinstance(pair[0], Range)]
    assert ranges
    for was, now in ranges:
        numbers = np.asarray(now)
        assert numbers.shape == lane.batch
        assert len(np.unique(numbers)) == numbers.size
        assert was.low <= numbers.min()
        assert numbers.max() <= was.high
    again = settings_of(pinned.pin(lane.draw(5)))
    assert all(np.array_equal(*pair) for pair in zip(settings_of(pinned), again, strict=True))


def alone(pinned: NoiseModel, index: int) -> NoiseModel:
    """The noise of one picture of a batch."""
    if isinstance(pinned, Chain):
        return Chain(tuple(alone(link, index) for link in pinned.links))
    if isinstance(pinned, Chosen):
        return alone(pinned.of[int(pinned.which.flatten()[index])], index)
    values = {key.name: torch.as_tensor(getattr(pinned, key.name)).expand(4, 1, 1, 1) for key in fields(pinned)}
    return type(pinned)(**{key: float(value[index]) for key, value in values.items()})


@every
def test_both_lanes_spoil_a_picture_to_the_same_degree(name, batches, one_by_one):
    pinned = recipe(name).pin(batches.draw())
    together = np.asarray(pinned.apply(batches.smooth(96), batches.draw(1)))
    clean = one_by_one.smooth(96)
    for index, noisy in enumerate(together):
        there, here = noisy - clean, alone(pinned, index).apply(clean, one_by_one.draw(index)) - clean
        assert here.std() == pytest.approx(there.std(), rel=0.06)
        assert abs(here.mean() - there.mean()) < 0.1 * there.std()


@every
def test_a_training_batch_carries_the_level(name, batches):
    clean = batches.smooth()
    batch = noisy_batch(clean, recipe(name), batches.draw(), blind=0.0, needs=SCORED)
    told = recipe(name).pin(batches.draw()).level
    assert batch["noisy"].shape == clean.shape
    assert batch["level"].shape == (4, 1, 40, 40)
    assert torch.equal(batch["level"], told.map(batch["noisy"]))
    assert bool((batch["level"] > 0).all()) == (name in LEVELLED)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("gaussian:sigma=51", 0.2),
        ("correlated:sigma=51,radius=2", 0.2),
        ("uniform:width=51", 0.2 / 12**0.5),
        ("gaussian:sigma=15.3+gaussian:sigma=20.4", 0.1),
        ("correlated:sigma=15.3+uniform:width=51", (0.06**2 + 0.04 / 12) ** 0.5),
        ("poisson:peak=50", 0.1),
        ("poisson_gaussian:peak=100,sigma=10.2", (0.005 + 0.04**2) ** 0.5),
        ("poisson:peak=100+gaussian:sigma=10.2", (0.005 + 0.04**2) ** 0.5),
    ],
)
def test_the_level_is_the_standard_deviation(text, level, one_by_one):
    noise = parse(text)
    assert noise.level.at(0.5) / 255 == pytest.approx(level)
    assert noise.apply(one_by_one.flat(0.5), one_by_one.draw()).std() == pytest.approx(level, rel=0.05)


@every
def test_before_it_is_pinned_nothing_is_told(name):
    assert recipe(name).level == BLIND


def test_one_blind_link_makes_a_chain_blind():
    assert parse("gaussian+jpeg").level == BLIND


def test_each_picture_of_a_batch_has_the_noise_that_was_chosen_for_it(batches):
    pinned = parse("gaussian:sigma=5|gaussian:sigma=40|gaussian+jpeg").pin(
        TorchDraw.of_step(0, 0, 32, torch.device("cpu"))
    )
    clean = torch.full((32, 3, 40, 40), 0.5)
    spread = (pinned.apply(clean, TorchDraw.of_step(0, 1, 32, torch.device("cpu"))) - clean).std((1, 2, 3)) * 255
    told, which = pinned.level.sigma.flatten(), pinned.which.flatten().long()
    assert set(which.tolist()) == {0, 1, 2}
    assert told.tolist() == [(5, 40, 0)[number] for number in which]
    assert torch.allclose(spread[which < 2], told[which < 2], rtol=0.05)


def test_a_batch_of_chains_has_a_level_for_each_picture(batches):
    pinned = parse("gaussian:sigma=5..50+uniform:width=5..50").pin(batches.draw())
    spread = pinned.apply(batches.flat(0.5), batches.draw()).std((1, 2, 3))
    assert torch.allclose(spread, pinned.level.at(0.5).flatten() / 255, rtol=0.02)


@every
def test_the_short_form_and_back(name, one_by_one):
    assert parse(str(recipe(name))) == recipe(name)
    pinned = recipe(name).pin(one_by_one.draw())
    assert str(parse(str(pinned))) == str(pinned)
    assert str(noise_of(name)).startswith(name) or name in ("chain", "either")


@every
def test_training_finds_the_recipe_by_its_name(name):
    with initialize_config_module("degrain.conf", version_base="1.3"):
        settings = OmegaConf.to_container(compose("train", [f"noise={name}"]).noise)
    assert build(settings.pop("name"), settings) == recipe(name)
