"""Every noise of the table answers the same questions, on NumPy and on torch alike."""

import io
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from PIL import Image

from degrain import conf
from degrain.data.datamodule import noisy_batch
from degrain.data.draw import TorchDraw
from degrain.errors import NoiseError
from degrain.noise.base import NoiseModel, Range
from degrain.noise.chain import Chain
from degrain.noise.draw import Draw, NumpyDraw
from degrain.noise.gaussian import Gaussian
from degrain.noise.mottle import Mottle
from degrain.noise.table import NOISES, build, parse

BATCH = 4
RECIPES = {path.stem: path for path in sorted((Path(conf.__file__).parent / "noise").glob("*.yaml"))}
STILL = {"jpeg", "quantise"}  # without chance

every = pytest.mark.parametrize("name", NOISES)
lanes = pytest.mark.parametrize("lane", ["numpy", "torch"])


def draw_of(lane: str, seed: int = 0) -> Draw:
    if lane == "numpy":
        return NumpyDraw(np.random.default_rng(seed))
    return TorchDraw.of_step(seed=0, step=seed, batch=BATCH, device=torch.device("cpu"))


def picture(lane: str, side: int = 40, channels: int = 3):
    """Smooth colours inside [0, 1]: (C, H, W), or a batch of them."""
    y, x = np.mgrid[0:side, 0:side] / side
    smooth = np.stack([0.5 + 0.4 * np.sin(5 * x + c) * np.cos(4 * y) for c in range(channels)]).astype(np.float32)
    return smooth if lane == "numpy" else torch.from_numpy(smooth).expand(BATCH, -1, -1, -1).contiguous()


def flat(lane: str, value: float, side: int = 160):
    clean = np.full((BATCH, side, side), value, np.float32)
    return clean if lane == "numpy" else torch.from_numpy(clean[:, np.newaxis])


def noise_of(name: str) -> NoiseModel:
    """With its defaults."""
    return parse({"chain": "poisson:peak=30+gaussian:sigma=5"}.get(name, name))


def recipe(name: str) -> NoiseModel:
    """With the ranges that it is trained with."""
    settings = OmegaConf.to_container(OmegaConf.load(RECIPES[name]))
    return build(settings.pop("name"), settings)


def settings_of(noise: NoiseModel) -> list[object]:
    links = noise.links if isinstance(noise, Chain) else [noise]
    return [getattr(link, key.name) for link in links for key in fields(link)]


@dataclass(frozen=True)
class Theory:
    """Mean and variance of a flat picture's samples, as a function of its value."""

    text: str
    mean: Callable[[float], float]
    variance: Callable[[float], float]


def same(x: float) -> float:
    return x


THEORY = [
    Theory("gaussian:sigma=25.5", same, lambda x: 0.01),
    Theory("gaussian:sigma=127.5", same, lambda x: 0.25),
    Theory("correlated:sigma=25.5,radius=0.5", same, lambda x: 0.01),
    Theory("correlated:sigma=25.5,radius=1.2", same, lambda x: 0.01),
    Theory("uniform:width=51", same, lambda x: 0.04 / 12),
    Theory("speckle:sigma=51", same, lambda x: (0.2 * x) ** 2),
    Theory("poisson:peak=2", same, lambda x: x / 2),
    Theory("poisson:peak=30", same, lambda x: x / 30),
    Theory("poisson:peak=5000", same, lambda x: x / 5000),
    Theory("poisson_gaussian:peak=30,sigma=25.5", same, lambda x: x / 30 + 0.01),
    Theory("poisson:peak=30+gaussian:sigma=25.5", same, lambda x: x / 30 + 0.01),
    Theory("salt_and_pepper:amount=0.2,salt=0.25", lambda x: 0.8 * x + 0.05, lambda x: 0.8 * x**2 + 0.05 - (0.8 * x + 0.05) ** 2),
    Theory("masking:amount=0.3", lambda x: 0.7 * x, lambda x: 0.21 * x**2),
    Theory("jpeg:quality=100", lambda x: round(255 * x) / 255, lambda x: 0),
    Theory("quantise:bits=3", lambda x: round(7 * x) / 7, lambda x: 0),
    Theory("mottle:peak=50,dose=1,blur=0,sigma=0", same, lambda x: x / 50),
    Theory("mottle:peak=50,dose=0.5,blur=0,sigma=5.1", same, lambda x: x / 25 + 0.04**2),
    Theory("mottle:peak=20,dose=1,blur=1,sigma=5.1", same, lambda x: x / 20 / (4 * np.pi) + 0.02**2),
]  # fmt: skip


def test_every_noise_has_a_theory_and_a_recipe():
    assert {theory.text.partition(":")[0] for theory in THEORY} == set(NOISES) - {"chain"}
    assert set(RECIPES) == set(NOISES)


@lanes
@pytest.mark.parametrize("value", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("theory", THEORY, ids=lambda theory: theory.text)
def test_mean_and_variance_by_value(theory, value, lane):
    noisy = np.asarray(parse(theory.text).apply(flat(lane, value), draw_of(lane)), np.float64)
    variance = theory.variance(value)
    assert noisy.var() == pytest.approx(variance, rel=0.06, abs=1e-12)
    assert noisy.mean() == pytest.approx(theory.mean(value), abs=0.05 * variance**0.5 + 1e-6)


@every
@lanes
def test_the_same_draw_gives_the_same_pixels_and_the_next_draw_others(name, lane):
    pinned, draw = recipe(name).pin(draw_of(lane)), draw_of(lane, 1)
    first, second, again = (
        np.asarray(pinned.apply(picture(lane), chance)) for chance in (draw, draw, draw_of(lane, 1))
    )
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, second) == (name in STILL)


@every
@lanes
def test_shape_and_type_stay_and_the_clean_picture_too(name, lane):
    clean = picture(lane)
    before = np.asarray(clean).copy()
    noisy = recipe(name).pin(draw_of(lane)).apply(clean, draw_of(lane))
    assert type(noisy) is type(clean)
    assert (noisy.shape, noisy.dtype) == (clean.shape, clean.dtype)
    assert not np.array_equal(np.asarray(noisy), before)
    np.testing.assert_array_equal(np.asarray(clean), before)


@every
@lanes
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 9), (4, 7, 2)])
def test_any_size_and_number_of_channels(name, lane, shape):
    clean = np.full(shape, 0.5, np.float32)
    clean = clean if lane == "numpy" else torch.from_numpy(clean).expand(BATCH, -1, -1, -1)
    noisy = np.asarray(noise_of(name).apply(clean, draw_of(lane)))
    assert noisy.shape == clean.shape
    assert np.isfinite(noisy).all()


@every
@lanes
def test_pinning_makes_every_range_one_number_per_picture(name, lane):
    noise = recipe(name)
    pinned = noise.pin(draw_of(lane))
    ranges = [pair for pair in zip(settings_of(noise), settings_of(pinned), strict=True) if isinstance(pair[0], Range)]
    assert ranges
    for was, now in ranges:
        numbers = np.asarray(now)
        assert numbers.shape == (() if lane == "numpy" else (BATCH, 1, 1, 1))
        assert len(np.unique(numbers)) == numbers.size
        assert was.low <= numbers.min()
        assert numbers.max() <= was.high
    again = pinned.pin(draw_of(lane, 5))
    assert all(np.array_equal(*pair) for pair in zip(settings_of(pinned), settings_of(again), strict=True))


@every
def test_a_batch_is_spoilt_as_its_pictures_would_be_one_by_one(name):
    """Same strength, picture by picture, from the numbers that were pinned for it."""
    pinned = recipe(name).pin(draw_of("torch"))
    clean = picture("torch", side=96)
    together = np.asarray(pinned.apply(clean, draw_of("torch", 1)) - clean).std((1, 2, 3))
    for index in range(BATCH):
        alone = parse(str_of(pinned, index)).apply(picture("numpy", side=96), draw_of("numpy", index))
        assert (alone - picture("numpy", side=96)).std() == pytest.approx(together[index], rel=0.06)


def str_of(pinned: NoiseModel, index: int) -> str:
    """The short form of one picture of a pinned batch."""
    if isinstance(pinned, Chain):
        return "+".join(str_of(link, index) for link in pinned.links)
    values = {key.name: torch.as_tensor(getattr(pinned, key.name)).flatten() for key in fields(pinned)}
    name = str(pinned).partition(":")[0]
    return f"{name}:" + ",".join(f"{key}={float(v[index % len(v)])}" for key, v in values.items())


class TestLevel:
    TOLD = {"gaussian:sigma=51": 0.2, "correlated:sigma=51,radius=2": 0.2, "uniform:width=51": 0.2 / 12**0.5,
            "gaussian:sigma=15.3+gaussian:sigma=20.4": 0.1, "correlated:sigma=15.3+gaussian:sigma=20.4": 0.1}  # fmt: skip

    @pytest.mark.parametrize("text", TOLD)
    def test_it_is_the_standard_deviation(self, text):
        assert parse(text).level == pytest.approx(self.TOLD[text])
        noisy = parse(text).apply(flat("numpy", 0.5), draw_of("numpy"))
        assert noisy.std() == pytest.approx(self.TOLD[text], rel=0.05)

    @pytest.mark.parametrize("name", set(NOISES) - {"gaussian", "correlated", "uniform"})
    def test_others_have_none_to_tell(self, name):
        assert noise_of(name).level == 0

    def test_one_blind_link_makes_a_chain_blind(self):
        assert parse("gaussian+jpeg").level == 0

    @every
    def test_a_training_batch_carries_it(self, name):
        clean = picture("torch")
        batch = noisy_batch(clean, recipe(name), draw_of("torch"), blind=0.0)
        told = recipe(name).pin(draw_of("torch")).level
        assert batch["noisy"].shape == clean.shape
        assert batch["level"].shape == (BATCH, 1, *clean.shape[2:])
        assert torch.equal(batch["level"], torch.as_tensor(told).expand_as(batch["level"]))
        assert bool((batch["level"] > 0).all()) == (name in ("gaussian", "correlated", "uniform"))

    def test_a_batch_of_chains_has_one_level_for_each_picture(self):
        pinned = parse("gaussian:sigma=5..50+uniform:width=5..50").pin(draw_of("torch"))
        noisy = pinned.apply(flat("torch", 0.5), draw_of("torch"))
        assert torch.allclose(noisy.std((1, 2, 3)), pinned.level.flatten(), rtol=0.02)


class TestCounts:
    @lanes
    def test_values_are_whole_counts(self, lane):
        counts = 30 * np.asarray(parse("poisson:peak=30").apply(picture(lane), draw_of(lane)))
        np.testing.assert_allclose(counts, np.rint(counts), atol=1e-4)

    @lanes
    def test_what_cannot_be_counted(self, lane):
        """Below zero there is nothing to count; values beyond any detector give no error."""
        clean = np.array([[[-1, 0, np.nan, 1e30, np.inf]]], np.float32)
        clean = clean if lane == "numpy" else torch.from_numpy(clean).expand(BATCH, -1, -1, -1)
        noisy = np.asarray(parse("poisson:peak=30").apply(clean, draw_of(lane)))
        assert not noisy[..., :3].any()
        assert (noisy[..., 3:] > 1e7).all()


class TestImpulses:
    @lanes
    def test_the_shares(self, lane):
        noisy = np.asarray(parse("salt_and_pepper:amount=0.2,salt=0.25").apply(flat(lane, 0.5), draw_of(lane)))
        assert [(noisy == value).mean() for value in (0, 0.5, 1)] == pytest.approx([0.15, 0.8, 0.05], abs=0.01)

    @lanes
    def test_salt_hits_samples_and_masks_hit_pixels(self, lane):
        clean = picture(lane)
        lost = np.asarray(parse("masking:amount=0.5").apply(clean, draw_of(lane))) == 0
        hit = np.asarray(parse("salt_and_pepper:amount=0.5").apply(clean, draw_of(lane)) != clean)
        assert (lost.any(-3) == lost.all(-3)).all()
        assert (hit.any(-3) != hit.all(-3)).any()


class TestJpeg:
    @lanes
    @pytest.mark.parametrize("channels", [1, 3])
    @pytest.mark.parametrize("quality", [5, 50, 95])
    def test_it_is_what_pillow_makes_of_it(self, lane, channels, quality):
        clean = picture(lane, channels=channels)
        noisy = np.asarray(parse(f"jpeg:quality={quality}").apply(clean, draw_of(lane)))
        eight = np.clip(np.rint(255 * picture("numpy", channels=channels)), 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(eight.transpose(1, 2, 0).squeeze()).save(file, "JPEG", quality=quality)
        expected = np.asarray(Image.open(file)).reshape(40, 40, channels).transpose(2, 0, 1) / 255
        np.testing.assert_allclose(noisy, np.broadcast_to(expected, noisy.shape), atol=1e-6)

    def test_each_picture_has_its_own_quality(self):
        clean = picture("torch")
        pinned = parse("jpeg:quality=5..95").pin(draw_of("torch"))
        errors = (pinned.apply(clean, draw_of("torch")) - clean).square().mean((1, 2, 3))
        assert torch.equal(errors.argsort(descending=True), pinned.quality.flatten().argsort())

    def test_sides_beyond_its_limit_are_refused(self):
        with pytest.raises(NoiseError, match="65500"):
            parse("jpeg").apply(np.zeros((1, 1, 65_501), np.float32), draw_of("numpy"))


class TestQuantise:
    @lanes
    @pytest.mark.parametrize("bits", [1, 2, 5, 8])
    def test_as_many_values_inside_the_range(self, lane, bits):
        ramp = np.linspace(-0.5, 1.5, 4096, dtype=np.float32).reshape(1, 64, 64)
        clean = ramp if lane == "numpy" else torch.from_numpy(ramp).expand(BATCH, -1, -1, -1)
        noisy = np.asarray(parse(f"quantise:bits={bits}").apply(clean, draw_of(lane)))
        assert len(np.unique(noisy)) == 2**bits
        assert (noisy.min(), noisy.max()) == (0, 1)
        assert np.abs(noisy - np.clip(ramp, 0, 1)).max() <= 0.5 / (2**bits - 1) + 1e-6


def correlation(noise: np.ndarray, distance: int) -> float:
    return float((noise[..., distance:] * noise[..., :-distance]).mean() / noise.var())


def power(noise: np.ndarray) -> np.ndarray:
    """Noise power by frequency, 0 to 1/2 per pixel: the mean spectrum of the rows. White noise: its variance."""
    window = np.hanning(noise.shape[-1])
    spectrum = np.abs(np.fft.rfft(noise * window, axis=-1)) ** 2 / (window**2).sum()
    return spectrum.reshape(-1, spectrum.shape[-1]).mean(0)


class TestGrains:
    @lanes
    @pytest.mark.parametrize("radius", [0.8, 1.5, 3.0])
    def test_the_correlation_falls_as_said(self, lane, radius):
        noise = np.asarray(parse(f"correlated:sigma=25,radius={radius}").apply(flat(lane, 0, 256), draw_of(lane)))
        for distance in (1, 2, 4):
            assert correlation(noise, distance) == pytest.approx(np.exp(-((distance / 2 / radius) ** 2)), abs=0.04)

    @lanes
    def test_the_border_is_as_noisy_as_the_middle(self, lane):
        clean = np.zeros((400, 12, 12), np.float32)
        clean = clean if lane == "numpy" else torch.from_numpy(clean).expand(BATCH, -1, -1, -1)
        noise = np.asarray(parse("correlated:sigma=25.5,radius=2").apply(clean, draw_of(lane)))
        spread = noise.reshape(-1, 12, 12).std(0)
        assert spread == pytest.approx(np.full((12, 12), 0.1), rel=0.2)

    def test_channels_are_independent(self):
        noise = parse("correlated:sigma=25,radius=1").apply(np.zeros((2, 256, 256), np.float32), draw_of("numpy"))
        assert abs(np.corrcoef(noise.reshape(2, -1))[0, 1]) < 0.03


class TestMottle:
    @lanes
    def test_half_the_dose_makes_sqrt_2_times_the_noise(self, lane):
        full, half = (
            np.asarray(Mottle(peak=200.0, dose=dose, sigma=0.0).apply(flat(lane, 0.5), draw_of(lane))).std()
            for dose in (1.0, 0.5)
        )
        assert half / full == pytest.approx(2**0.5, rel=0.03)

    @lanes
    def test_electronic_noise_takes_no_notice_of_the_dose(self, lane):
        dark = flat(lane, 0.0)
        full, half = (np.asarray(Mottle(dose=d, sigma=5.1).apply(dark, draw_of(lane))).std() for d in (1.0, 0.5))
        assert full == pytest.approx(0.02, rel=0.02)
        assert half == pytest.approx(0.04, rel=0.02)

    @lanes
    @pytest.mark.parametrize("sigma", [0.0, 5.1])
    def test_quantum_noise_follows_the_mtf_and_electronic_noise_is_white(self, lane, sigma):
        """NPS(f) = q MTF^2(f) + sigma_e^2, MTF with its alias; summed over the other axis, 1 / (2 sqrt(pi)) of q."""
        noisy = np.asarray(Mottle(peak=20.0, blur=1.0, sigma=sigma).apply(flat(lane, 0.5, 256), draw_of(lane))) - 0.5
        for spectrum in (power(noisy), power(noisy.swapaxes(-1, -2))):
            frequency = np.linspace(0, 0.5, len(spectrum))
            mtf = sum(np.exp(-2 * (np.pi * f) ** 2) for f in (frequency, 1 - frequency))
            theory = 0.5 / 20 * mtf**2 / (2 * np.pi**0.5) + (sigma / 255) ** 2
            bands = [(place > 0) & (abs(frequency - place) < 0.05) for place in (0.05, 0.15, 0.25, 0.35, 0.45)]
            for band in bands:
                assert spectrum[band].mean() == pytest.approx(theory[band].mean(), rel=0.06)

    @lanes
    def test_the_detector_blurs_an_edge_and_nothing_wraps_around(self, lane):
        edge = np.zeros((1, 32, 64), np.float32)
        edge[..., 32:] = 1
        clean = edge if lane == "numpy" else torch.from_numpy(edge).expand(BATCH, -1, -1, -1)
        bright = np.asarray(Mottle(peak=1e6, blur=1.5, sigma=0.0).apply(clean, draw_of(lane)))
        profile = bright.reshape(-1, 64).mean(0)
        assert profile[[0, 20, 43, 63]] == pytest.approx([0, 0, 1, 1], abs=1e-3)
        assert profile[31] + profile[32] == pytest.approx(1, abs=1e-3)
        assert 0.3 < profile[31] < 0.45


class TestWords:
    @every
    def test_the_short_form_and_back(self, name):
        for noise in (noise_of(name), recipe(name), recipe(name).pin(draw_of("numpy"))):
            assert str(parse(str(noise))) == str(noise)
            assert parse(str(noise)).last == noise.last
        assert str(noise_of(name)).startswith(name) or name == "chain"
        assert parse(str(recipe(name))) == recipe(name)

    def test_a_chain_in_yaml_is_a_list(self):
        links = [{"name": "poisson", "peak": 30}, {"name": "gaussian", "sigma": [5, 50, "log"]}]
        noise = build("chain", {"links": links})
        assert noise == parse("poisson:peak=30+gaussian:sigma=5..50..log")
        assert noise.links[1] == Gaussian(Range(5, 50, log=True))

    def test_exponents_keep_their_plus(self):
        assert parse("poisson:peak=1e+3+gaussian") == parse("poisson:peak=1000+gaussian:sigma=25")

    @every
    def test_recipes_are_found_by_their_name(self, name):
        with initialize_config_module("degrain.conf", version_base="1.3"):
            settings = OmegaConf.to_container(compose("train", [f"noise={name}"]).noise)
        assert build(settings.pop("name"), settings) == recipe(name)


REFUSED = {  # text: what the message says
    "": "unknown noise ''",
    "fog": "unknown noise 'fog'",
    "chain": "a chain needs",
    "poisson+": "unknown noise ''",
    "+": "unknown noise ''",
    "poisson+fog": "unknown noise 'fog'",
    "quantise+gaussian": "quantise:bits=8 clips",
    "poisson:peek=30": "poisson has no 'peek'",
    "poisson:peak": "cannot read 'peak'",
    "poisson:peak=": "cannot read 'peak='",
    "poisson:peak=many": "cannot read",
    "poisson:peak=log": "cannot read",
    "poisson:peak=1..2..3": "cannot read",
    "poisson:peak=0..5..log": "0 < low <= high",
    "poisson:peak=9..5": "peak: a range needs low <= high",
    "poisson:peak=0": "poisson needs 0.01 <= peak <= 1e+06, got 0",
    "poisson:peak=nan": "got nan",
    "poisson:peak=inf": "got inf",
    "poisson:peak=5..inf": "got 5..inf",
    "poisson:peak=nan..5": "low <= high",
    "poisson_gaussian:sigma=-1": "poisson_gaussian needs 0 <= sigma",
    "gaussian:sigma=-5..5": "gaussian needs 0 <= sigma",
    "speckle:sigma=-1": "speckle needs 0 <= sigma",
    "uniform:width=-1": "uniform needs 0 <= width",
    "correlated:radius=0": "correlated needs 0.1 <= radius <= 20",
    "salt_and_pepper:amount=1.5": "salt_and_pepper needs 0 <= amount <= 1",
    "salt_and_pepper:salt=2": "salt_and_pepper needs 0 <= salt <= 1",
    "masking:amount=-0.1": "masking needs 0 <= amount <= 1",
    "jpeg:quality=0": "jpeg needs 1 <= quality <= 100",
    "quantise:bits=0": "quantise needs 1 <= bits <= 16",
    "mottle:dose=0": "mottle needs 0.001 <= dose",
    "mottle:blur=-1": "mottle needs 0 <= blur",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_understood_is_refused(text):
    with pytest.raises(NoiseError) as refusal:
        parse(text)
    assert REFUSED[text] in str(refusal.value)
    assert refusal.value.hint or "range" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        (["poisson"], {}),
        (None, {}),
        ("poisson", {"peak": True}),
        ("poisson", {"peak": None}),
        ("poisson", {"peak": "30"}),
        ("poisson", {"peak": []}),
        ("poisson", {"peak": [{"name": "gaussian"}]}),
        ("poisson", {"peak": [5, 50, "even"]}),
        ("poisson", {1: 30}),
        ("chain", {}),
        ("chain", {"links": []}),
        ("chain", {"links": 3}),
        ("chain", {"links": [5, 50]}),
        ("chain", {"links": ["gaussian"]}),
        ("chain", {"links": [{"sigma": 25}]}),
        ("chain", {"links": [{"name": "quantise"}, {"name": "gaussian"}]}),
        ("chain", {"links": [{"name": "chain", "links": [{"name": "quantise"}]}, {"name": "gaussian"}]}),
    ],
)
def test_recipes_that_make_no_sense_are_refused(name, settings):
    with pytest.raises(NoiseError):
        build(name, settings)


def test_a_python_user_is_told_too():
    with pytest.raises(NoiseError, match="got strong"):
        Gaussian("strong")
