"""Pictures of any size and depth through a real network, tiled and whole."""

import logging
import subprocess
import sys

import numpy as np
import pytest

from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.errors import ImageError, ModelError, NoiseError
from degrain.images.keep import Keep
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.inference.engine import Engine
from degrain.noise.level import BLIND, NoiseLevel
from degrain.spec import InputRule, ModelSpec

WHOLE = 10_000
TILE, HALO = 128, 40  # halo: the network's 36, rounded up to its multiple of 8
SIZES = [(1, 1), (1, 257), (257, 1), (7, 5), (333, 500)]
SIZES += [(TILE + d, TILE - d) for d in (-1, 0, 1)] + [(HALO + d, HALO - d) for d in (-1, 0, 1)]
SIZES += [(TILE - 2 * HALO + d, TILE + 2 * HALO - d) for d in (-1, 0, 1)]


@pytest.fixture(scope="module")
def denoiser(network):
    return OnnxDenoiser(network, threads=1)


def picture(height, width, channels=3, dtype="float32", seed=0):
    scale = PixelScale.of(dtype)
    unit = np.random.default_rng(seed).random((height, width, channels), np.float32)
    return Picture(scale.to_stored(unit), scale, keep=Keep(icc=b"profile"))


class Toy:
    """Stands in where the question is about the engine alone: any function of tiles and level."""

    def __init__(self, function, **changes):
        fields = {"name": "toy", "planes": {1: (0,), 3: (0, 1, 2)}, "width": 3, "wants_level": True} | changes
        self.spec, self.function, self.shapes = ModelSpec(**fields), function, []

    def __call__(self, tiles, level):
        self.shapes.append(tiles.shape)
        return self.function(tiles, level)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES)
def test_tiled_equals_whole(denoiser, size, channels):
    one = picture(*size, channels)
    whole = Engine(denoiser, WHOLE).denoise(one, NoiseLevel(25))
    tiled = Engine(denoiser, TILE, batch=3).denoise(one, NoiseLevel(25))
    assert whole.samples.shape == one.samples.shape
    np.testing.assert_allclose(tiled.samples, whole.samples, rtol=0, atol=1e-5)
    assert np.abs(whole.samples - one.samples).max() > 1e-3  # the network does something


def test_the_network_looks_as_far_as_the_halo_and_tiles_would_show(denoiser, make_network):
    """The test above can fail: a network that names too small a halo shows seams."""
    blind_to_its_size = OnnxDenoiser(make_network(halo=0), threads=1)
    one = picture(200, 200)
    whole = Engine(blind_to_its_size, WHOLE).denoise(one)
    tiled = Engine(blind_to_its_size, 64).denoise(one)
    assert np.abs(whole.samples - tiled.samples).max() > 1e-3


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("channels", [1, 3])
def test_kind_and_keepsakes_stay(denoiser, dtype, channels):
    one = picture(50, 61, channels, dtype)
    result = Engine(denoiser, TILE).denoise(one)
    assert (result.samples.dtype, result.samples.shape) == (one.samples.dtype, one.samples.shape)
    assert result.keep is one.keep
    assert result.scale == one.scale


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
def test_the_identity_changes_no_bit(dtype):
    one = picture(101, 67, dtype=dtype)
    result = Engine(Toy(lambda tiles, level: tiles, halo=5), 32, batch=4).denoise(one)
    np.testing.assert_array_equal(result.samples, one.samples)


def test_a_strided_picture_is_read_right(denoiser):
    one = picture(150, 140)
    turned = one.with_samples(one.samples[::-1, ::2])
    copied = one.with_samples(turned.samples.copy())
    engine = Engine(denoiser, TILE)
    np.testing.assert_array_equal(engine.denoise(turned).samples, engine.denoise(copied).samples)


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_batches_change_nothing(denoiser, batch):
    one = picture(300, 200, dtype="uint8")
    expected = Engine(denoiser, TILE).denoise(one).samples
    np.testing.assert_array_equal(Engine(denoiser, TILE, batch).denoise(one).samples, expected)


def test_same_picture_twice_gives_the_same_bits(denoiser):
    engine, one = Engine(denoiser, TILE, batch=2), picture(200, 150)
    np.testing.assert_array_equal(engine.denoise(one).samples, engine.denoise(one).samples)


def test_the_input_is_left_alone(denoiser):
    one = picture(90, 80)
    before = one.samples.copy()
    Engine(denoiser, TILE).denoise(one, strength=0.5)
    np.testing.assert_array_equal(one.samples, before)


def test_progress_counts_every_tile(denoiser):
    told = []
    Engine(denoiser, TILE, batch=2).denoise(picture(200, 150), on_tile=lambda done, total: told.append((done, total)))
    total = told[-1][1]
    assert told == [(min(done, total), total) for done in range(2, total + 2, 2)]


# --- channels the model does not know ---


def test_gray_through_a_model_of_colour(make_network):
    colour = OnnxDenoiser(make_network(planes={3: (0, 1, 2)}, width=3), threads=1)
    gray = picture(40, 50, 1)
    replicated = gray.with_samples(gray.samples.repeat(3, axis=2))
    expected = Engine(colour).denoise(replicated).samples.mean(axis=2, keepdims=True)
    np.testing.assert_allclose(Engine(colour).denoise(gray).samples, expected, atol=1e-6)


def test_colour_through_a_model_of_gray(make_network):
    gray = OnnxDenoiser(make_network(planes={1: (0,)}, width=1), threads=1)
    colour = picture(40, 50, 3)
    level = NoiseLevel(10)
    channels = [Engine(gray).denoise(colour.with_samples(colour.samples[..., [c]]), level).samples for c in range(3)]
    expected = np.concatenate(channels, axis=2)
    np.testing.assert_allclose(Engine(gray, batch=2).denoise(colour, level).samples, expected, atol=1e-6)


# --- sizes the model does not take ---


@pytest.mark.parametrize("size", [(1, 1), (30, 200), (64, 64), (65, 130)])
def test_windows_of_one_size_cover_any_picture(size):
    toy = Toy(lambda tiles, level: 1 - tiles, input=InputRule(exact=64, blend=16))
    one = picture(*size, dtype="uint8")
    result = Engine(toy, tile=8, batch=2).denoise(one)
    assert {shape[2:] for shape in toy.shapes} == {(64, 64)}
    np.testing.assert_array_equal(result.samples, 255 - one.samples)


@pytest.mark.parametrize("size", [(1, 1), (30, 200), (64, 64), (130, 65)])
def test_a_picture_is_resized_for_a_model_of_one_size_and_back(size):
    toy = Toy(lambda tiles, level: tiles + level, input=InputRule(exact=64, scope="resize"))
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]] / np.float32(400)
    smooth = picture(*size).with_samples(np.stack([rows, columns, rows + 0.1], axis=-1).astype(np.float32))
    result = Engine(toy).denoise(smooth, NoiseLevel(25.5))
    assert toy.shapes == [(1, 3, 64, 64)]
    np.testing.assert_allclose(result.samples, smooth.samples + np.float32(0.1), atol=0.01)  # a ramp survives


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"scope": "resize"}, "exact side"),
        ({"exact": 30, "multiple_of": 8}, "against the rest"),
        ({"exact": 32, "blend": 17}, "fade"),
        ({"blend": -1}, "fade"),
    ],
)
def test_a_rule_that_contradicts_itself(rule, message):
    with pytest.raises(ModelError, match=message):
        InputRule(**rule)


def test_channels_that_fit_in_no_way():
    toy = Toy(lambda tiles, level: tiles, planes={2: (0, 1)})
    with pytest.raises(ModelError, match="takes pictures of 2 channels, got 3"):
        Engine(toy).denoise(picture(8, 8, 3))


# --- strength ---


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
def test_strength_zero_gives_the_same_bits(denoiser, dtype):
    one = picture(33, 21, dtype=dtype)
    result = Engine(denoiser).denoise(one, strength=0)
    assert result.samples.tobytes() == one.samples.tobytes()


def test_strength_grows_the_change(denoiser):
    one, changes = picture(64, 64), []
    for strength in (0, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2):
        result = Engine(Toy(smooth_more_when_noisier)).denoise(one, NoiseLevel(50), strength)
        changes.append(np.sqrt(np.mean((result.samples - one.samples) ** 2)))
    assert changes[0] == 0
    assert np.diff(changes).min() > 1e-4


def smooth_more_when_noisier(tiles, level):
    mean = (np.roll(tiles, 1, -1) + np.roll(tiles, -1, -1)) / 2
    return tiles + np.clip(2 * level, 0, 1) * (mean - tiles)


def test_half_strength_is_half_way_before_rounding(denoiser):
    one = picture(40, 40)
    full = Engine(denoiser).denoise(one).samples
    half = Engine(denoiser).denoise(one, strength=0.5).samples
    np.testing.assert_allclose(half, (one.samples + full) / 2, atol=1e-6)


def test_strength_above_one_raises_the_level_told(denoiser):
    one = picture(40, 40)
    strong = Engine(denoiser).denoise(one, NoiseLevel(20), 1.5).samples
    told = Engine(denoiser).denoise(one, NoiseLevel(30)).samples
    np.testing.assert_allclose(strong, told, atol=1e-6)


@pytest.mark.parametrize(
    ("strength", "level", "wants_level", "reason"),
    [
        (-0.1, BLIND, True, "from 0 to 2"),
        (2.1, NoiseLevel(5), True, "from 0 to 2"),
        (float("nan"), BLIND, True, "from 0 to 2"),
        (1.5, BLIND, True, "none is given"),
        (1.5, NoiseLevel(5), False, "is told the noise level"),
    ],
)
def test_strength_that_cannot_be(strength, level, wants_level, reason):
    toy = Toy(lambda tiles, level: tiles, wants_level=wants_level)
    with pytest.raises(ModelError, match=reason) as caught:
        Engine(toy).denoise(picture(8, 8), level, strength)
    assert caught.value.hint


# --- values that no network should see or give ---


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_broken_pixels_are_counted_and_placed(denoiser, bad):
    one = picture(20, 30)
    one.samples[3, 7, 1] = one.samples[3, 7, 2] = one.samples[9, 0, 0] = bad
    with pytest.raises(ImageError, match=r"2 pixels .* row 3, column 7") as caught:
        Engine(denoiser).denoise(one)
    assert caught.value.hint


def test_values_beyond_float32_are_refused(denoiser):
    one = picture(4, 4, dtype="float64")
    one.samples[1, 2, 0] = 1e300
    with pytest.raises(ImageError, match=r"1 pixels .* row 1, column 2"):
        Engine(denoiser).denoise(one)


def test_an_answer_of_nan_is_an_error_of_the_model():
    with pytest.raises(ModelError, match="answered with NaN"):
        Engine(Toy(lambda tiles, level: tiles * np.nan)).denoise(picture(8, 8))


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, -3.0, 400.0])
def test_constant_float_pictures_are_fine(denoiser, value):
    one = picture(20, 20)
    one.samples[...] = value
    assert np.isfinite(Engine(denoiser).denoise(one).samples).all()


# --- memory ---


def hungry(limit):
    def run(tiles, level):
        if tiles[:, 0].size > limit:
            raise MemoryError
        return 1 - tiles

    return run


@pytest.mark.parametrize(("limit", "tile", "batch"), [(4 * 64 * 64, 64, 4), (64 * 64, 64, 1), (40 * 40, 32, 1)])
def test_memory_runs_out(limit, tile, batch, caplog):
    toy, one = Toy(hungry(limit), halo=3), picture(300, 301, dtype="uint8")
    engine = Engine(toy, tile=64, batch=8)
    with caplog.at_level(logging.WARNING, "degrain"):
        first = engine.denoise(one)
        failed = len(toy.shapes)
        engine.denoise(one)
    np.testing.assert_array_equal(first.samples, 255 - one.samples)
    assert (engine.tile <= tile, engine.batch) == (True, batch)
    assert len(caplog.records) == 1
    assert "memory ran out" in caplog.text
    assert len({shape[2:] for shape in toy.shapes[failed:]}) == 1  # the second picture starts with what fits


@pytest.mark.parametrize("blend", [0, 8])
def test_memory_that_suffices_for_no_result_is_no_matter_of_tiles(blend, monkeypatch):
    def full(*_args, **_settings):
        raise MemoryError

    toy = Toy(lambda tiles, level: tiles, input=InputRule(blend=blend))
    one = picture(200, 300)
    monkeypatch.setattr("degrain.tiling.canvas.np.empty", full)
    with pytest.raises(ImageError, match="no memory for a result of 300 x 200 pixels"):
        Engine(toy, tile=64).denoise(one)
    assert not toy.shapes


def test_memory_that_suffices_for_no_tile():
    toy = Toy(hungry(10), halo=4, input=InputRule(multiple_of=8))
    with pytest.raises(ModelError, match="needs 24x24 pixels at once"):
        Engine(toy, tile=512, batch=4).denoise(picture(200, 200))
    sides = [max(shape[2:]) for shape in toy.shapes]
    assert sides == sorted(sides, reverse=True)  # always less, never the same again
    assert len(toy.shapes) == len(set(toy.shapes))


def test_memory_that_suffices_for_no_whole_picture():
    toy = Toy(hungry(10), input=InputRule(scope="whole"))
    with pytest.raises(ModelError, match="needs 40x30 pixels at once"):
        Engine(toy).denoise(picture(30, 40))
    assert len(toy.shapes) == 1


def test_onnx_runtime_out_of_memory_is_met_with_smaller_tiles(network):
    """In a process of its own, whose memory is limited once the network is loaded."""
    pytest.importorskip("resource")
    script = """
import resource, sys
import numpy as np
from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.images.keep import Keep
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.inference.engine import Engine
engine = Engine(OnnxDenoiser(sys.stdin.buffer.read(), threads=1), tile=4096)
one = Picture(np.zeros((3000, 3000, 3), np.uint8), PixelScale.of("uint8"))
Engine(engine.denoiser, tile=128).denoise(one.with_samples(one.samples[:64, :64]))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 650_000_000,) * 2)
engine.denoise(one)
print(engine.tile)
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("limits of memory are a matter of Linux")
    done = subprocess.run([sys.executable, "-c", script], input=network, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) < 4096
    assert done.stderr.decode().strip().startswith("memory ran out: went on with tiles of")
    assert len(done.stderr.splitlines()) == 1  # no chatter of the runtime


@pytest.mark.parametrize(("blend", "copies"), [(0, 1), (64, 1 + 4 + 4 / 3)])
def test_the_engine_needs_little_beside_the_result(blend, copies):
    """20 megapixels: the picture (60 MB), the result (60 MB), where tiles fade float32 sums and weights, else tiles."""
    import tracemalloc

    one = Picture(np.zeros((4000, 5000, 3), np.uint8), PixelScale.of("uint8"))
    engine = Engine(Toy(lambda tiles, level: tiles, halo=64, input=InputRule(blend=blend)), tile=512)
    tracemalloc.start()
    try:
        engine.denoise(one, strength=0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < copies * one.samples.nbytes + 20e6


def test_tile_and_batch_must_be_numbers_of_things():
    for settings in ({"batch": 0}, {"tile": 0}, {"tile": None}, {"tile": 1.5}):
        with pytest.raises(ModelError, match="from 1 on"):
            Engine(Toy(lambda tiles, level: tiles), **settings)


@pytest.mark.parametrize("level", [25, NoiseLevel(np.full((8, 8), 25.0)), NoiseLevel(1.0, np.ones((1, 1, 1, 1)))])
def test_a_level_is_a_noise_level_of_plain_numbers(level):
    with pytest.raises(NoiseError, match="a level is a NoiseLevel of plain numbers, got"):
        Engine(Toy(lambda tiles, level: tiles)).denoise(Picture.of_array(np.zeros((8, 8), np.uint8)), level)
