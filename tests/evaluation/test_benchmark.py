import math
from dataclasses import dataclass, field

import numpy as np
import pytest

from degrain.denoisers.zoo import open_denoiser
from degrain.errors import ImageError, MetricError, ModelError, UnreadableImage
from degrain.evaluation.benchmark import NOISY, Benchmark
from degrain.evaluation.rows import Row, rounded, summarise
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.noise.table import parse
from degrain.spec import InputRule, ModelSpec

NOISE = {"g25": parse("gaussian:sigma=25")}


@dataclass(frozen=True)
class MadeItem:
    """A picture from memory."""

    unit: np.ndarray
    key: str = "made"
    group: str = "made"

    def load(self):
        scale = PixelScale.of("uint8")
        return Picture(scale.to_stored(self.unit.transpose(1, 2, 0)), scale)


@dataclass
class Scripted:
    """A denoiser that answers what it is made to, and remembers what it was given."""

    answer: object = None  # (tiles) -> tiles
    wants_level: bool = True
    seen: list = field(default_factory=list)

    @property
    def spec(self):
        return ModelSpec("scripted", {1: (0,), 3: (0, 1, 2)}, 3, InputRule(scope="whole"), wants_level=self.wants_level)

    def __call__(self, tiles, level):
        self.seen.append((tiles.copy(), level.copy()))
        return self.answer(tiles) if self.answer else tiles


class Tiled(Scripted):
    """The same, of tiles."""

    spec = ModelSpec("tiled", {3: (0, 1, 2)}, 3, wants_level=True)


def colour(seed=0, height=40, width=52):
    """Random colours between the ends of the range."""
    return (0.2 + 0.6 * np.random.default_rng(seed).random((3, height, width))).astype(np.float32)


def items(count=3):
    return [MadeItem(colour(seed), f"{seed}.png") for seed in range(count)]


def stored(unit):
    return MadeItem(unit).load().unit()


def run(benchmark, pictures=None, noises=NOISE):
    return benchmark.run(items() if pictures is None else pictures, noises)


class Unreadable(MadeItem):
    """A picture that cannot be opened."""

    def load(self):
        raise UnreadableImage("cut short")


class TestPicturesThatCannotBeMeasured:
    def test_one_ends_the_comparison_unless_somebody_takes_it(self):
        with pytest.raises(UnreadableImage):
            run(Benchmark({}), [*items(1), Unreadable(colour())])

    def test_one_is_left_out_under_every_noise_and_the_others_have_the_same_noise(self):
        refused, pictures = [], items(3)
        whole = Benchmark({}).run(pictures, NOISE)
        pictures[1] = Unreadable(pictures[1].unit)
        rows = Benchmark({}).run(pictures, NOISE, on_refused=refused.append)
        assert rows == [row for row in whole if row.picture != "1.png"]
        assert [str(error) for error in refused] == ["cut short"]


class TestFrozenDraw:
    def test_every_model_sees_the_very_same_pixels(self):
        first, second = Scripted(wants_level=True), Scripted(wants_level=False)
        run(Benchmark({"a": first, "b": second}))
        for (one, _), (other, _) in zip(first.seen, second.seen, strict=True):
            np.testing.assert_array_equal(one, other)

    def test_the_noise_is_the_published_draw_and_is_not_clipped(self):
        model = Scripted()
        Benchmark({"a": model}, seed=3).run(items(), NOISE)
        for index, (tiles, _) in enumerate(model.seen):
            normal = np.random.default_rng([3, index]).standard_normal((3, 40, 52), dtype=np.float32)
            np.testing.assert_allclose(tiles[0], stored(colour(index)) + normal * np.float32(25 / 255), atol=1e-6)
        assert min(tiles.min() for tiles, _ in model.seen) < 0
        assert max(tiles.max() for tiles, _ in model.seen) > 1

    def test_same_seed_same_rows_another_seed_others(self):
        def quality(seed):
            return [(row.model, row.picture, *row.values.values()) for row in run(Benchmark({}, seed=seed))]

        assert quality(0) == quality(0)
        assert all(one[2] != other[2] for one, other in zip(quality(0), quality(1), strict=True))


class TestNumbers:
    @pytest.mark.parametrize("sigma", [10, 25])
    def test_noisy_psnr_is_that_of_the_noise_where_nothing_clips(self, sigma):
        middle = MadeItem(np.full((3, 400, 400), 0.5, np.float32))
        (row,) = run(Benchmark({}), [middle], {"g": parse(f"gaussian:sigma={sigma}")})
        assert row.values["psnr"] == pytest.approx(
            20 * math.log10(255 / sigma), abs=0.03
        )  # 20.17 dB at 25; 0.01 dB is one deviation

    def test_clipping_the_noisy_picture_lifts_its_psnr(self):
        dark = MadeItem(np.zeros((1, 200, 200), np.float32))
        (row,) = run(Benchmark({}), [dark])
        assert row.values["psnr"] == pytest.approx(20 * math.log10(255 / 25) + 10 * math.log10(2), abs=0.1)

    def test_an_exact_model_is_perfect(self):
        item = items(1)[0]
        exact = Scripted(lambda tiles: item.load().unit()[np.newaxis])
        noisy, mended = run(Benchmark({"exact": exact}), [item])
        assert mended.values == {"psnr": math.inf, "ssim": 1.0}
        assert noisy.values["psnr"] < 21

    def test_a_known_remaining_error(self):
        item = MadeItem(np.full((3, 40, 40), 100 / 255, np.float32))
        off = Scripted(lambda tiles: np.full_like(tiles, 110.3 / 255))  # rounds to 110
        _, row = run(Benchmark({"off": off}), [item])
        assert row.values["psnr"] == pytest.approx(20 * math.log10(255 / 10), abs=1e-4)

    def test_time_is_that_of_the_model_alone(self, monkeypatch):
        ticks = iter(range(0, 1000, 2))
        monkeypatch.setattr("degrain.inference.cleaning.time.perf_counter", lambda: next(ticks))
        rows = run(Benchmark({"a": Scripted()}))
        assert [row.seconds for row in rows] == [0, 2] * 3
        assert summarise(rows)[1].seconds_per_megapixel == pytest.approx(2 / (40 * 52 / 1e6))


class TestLevel:
    @pytest.mark.parametrize(
        ("wants_level", "sigma", "told", "words"),
        [
            (True, None, 25, "sigma known"),
            (True, 12, 12, "sigma given"),
            (True, 0, 0, "blind"),
            (False, None, 0, "blind"),
            (False, 12, 0, "blind"),
        ],
    )
    def test_what_a_model_is_told_stands_in_its_row(self, wants_level, sigma, told, words):
        model = Scripted(wants_level=wants_level)
        rows = run(Benchmark({"m": model}, sigma=sigma))
        assert {(row.level, row.sigma) for row in rows if row.model == "m"} == {(words, told)}
        assert {(row.level, row.sigma) for row in rows if row.model == NOISY} == {("", 0)}
        for _, level in model.seen:
            np.testing.assert_allclose(level, told / 255, rtol=1e-6)

    def test_auto_tells_what_is_measured_on_the_noisy_picture(self):
        model, flat = Scripted(), MadeItem(np.full((1, 200, 200), 0.5, np.float32))
        rows = run(Benchmark({"m": model}, sigma="auto"), [flat])
        assert rows[1].level == "sigma measured"
        assert rows[1].sigma == pytest.approx(25, rel=0.05)

    def test_a_picture_that_came_noisy_is_measured_and_has_no_metrics(self):
        noisy = MadeItem(0.5 + 0.1 * np.random.default_rng(0).standard_normal((1, 200, 200), dtype=np.float32))
        benchmark = Benchmark({"m": Scripted(lambda tiles: tiles / 2)})
        before, after = (benchmark.measure(trial, None, "p", "") for trial in benchmark.answers(noisy.load()))
        assert (before.level, before.removed, after.level, after.values) == ("", 0, "sigma measured", {})
        assert after.sigma == pytest.approx(25.5, rel=0.05)
        assert after.removed == pytest.approx(255 * np.sqrt(np.mean(noisy.load().unit() ** 2)) / 2, rel=0.01)

    def test_a_picture_without_noise_is_left_alone(self):
        model = Scripted()
        _, after = Benchmark({"m": model}).answers(MadeItem(np.full((1, 64, 64), 0.5, np.float32)).load())
        assert (after.level, after.sigma, model.seen) == ("no noise found", 0, [])

    def test_a_range_tells_each_pictures_own_sigma(self):
        model = Scripted()
        run(Benchmark({"m": model}), noises={"any": parse("gaussian:sigma=5..50")})
        sigmas = [255 * float(level.mean()) for _, level in model.seen]
        assert len(set(sigmas)) == 3
        for index, ((tiles, _), sigma) in enumerate(zip(model.seen, sigmas, strict=True)):
            assert 255 * np.std(tiles[0] - stored(colour(index))) == pytest.approx(sigma, rel=0.05)

    def test_clean_floats_are_clipped_as_results_are(self):
        clean = Benchmark({}).clean(Picture.of_array(np.array([[-0.2, 0.5, 1.4]], np.float32)))
        assert clean.ravel().tolist() == [0, 0.5, 1]

    @pytest.mark.parametrize("name", ["noisy", "input"])
    def test_a_model_is_not_called_as_the_row_before_it(self, name):
        with pytest.raises(ModelError, match=f"no model can be called {name}"):
            Benchmark({name: Scripted()})

    def test_a_noise_without_a_level_leaves_models_blind(self):
        model = Scripted()
        rows = run(Benchmark({"m": model}), noises={"holes": parse("masking")})
        assert {row.level for row in rows if row.model == "m"} == {"blind"}
        assert not any(level.any() for _, level in model.seen)


class TestGray:
    def test_colour_becomes_full_range_luma_of_8_bit(self):
        pixel = np.array([10, 200, 60], np.float32)[:, None, None] / 255
        expected = round(0.299 * 10 + 0.587 * 200 + 0.114 * 60)
        assert Benchmark({}, gray=True).clean(MadeItem(pixel).load()) * 255 == pytest.approx(expected)
        assert Benchmark({}, gray=True).clean(MadeItem(np.ones((3, 1, 1), np.float32)).load()) == 1

    def test_models_see_one_channel(self):
        model = Scripted()
        run(Benchmark({"m": model}, gray=True))
        assert {tiles.shape for tiles, _ in model.seen} == {(1, 1, 40, 52)}

    def test_gray_pictures_stay_as_they_are(self):
        gray = rounded(colour()[:1])
        np.testing.assert_array_equal(Benchmark({}, gray=True).clean(MadeItem(gray).load()), gray)


class TestRows:
    def test_order_and_progress(self):
        seen = []
        noises = {name: parse(f"gaussian:sigma={name}") for name in ("15", "50")}
        rows = Benchmark({"a": Scripted(), "b": Scripted()}).run(items(2), noises, seen.append)
        assert rows == seen
        assert [(row.picture, row.noise, row.model) for row in rows] == [
            (picture, noise, model)
            for picture in ("0.png", "1.png")
            for noise in ("15", "50")
            for model in (NOISY, "a", "b")
        ]

    def test_summary_takes_means_of_psnr_and_the_worst_picture(self):
        measured = [{"psnr": db, "ssim": db / 100} for db in (30.0, 20.0, 34.0)]
        rows = [Row("m", "g", "blind", 0, str(values["psnr"]), values, 4.0, 3.0, 0.5) for values in measured]
        (summary,) = summarise(rows)
        assert summary.values == {"psnr": 28.0, "ssim": pytest.approx(0.28)}
        assert (summary.pictures, summary.removed) == (3, 4.0)
        assert (summary.worst_psnr, summary.worst_picture, summary.seconds_per_megapixel) == (20.0, "20.0", 6.0)

    def test_summaries_stand_noise_by_noise(self):
        noises = {name: parse(f"gaussian:sigma={name}") for name in ("15", "50")}
        summaries = summarise(Benchmark({"a": Scripted()}).run(items(2), noises))
        assert [(row.noise, row.model) for row in summaries] == [("15", NOISY), ("15", "a"), ("50", NOISY), ("50", "a")]
        assert summarise([]) == []

    def test_a_model_that_was_told_now_and_then_has_one_summary(self):
        noises = {"either": parse("gaussian:sigma=25|jpeg:quality=15")}
        rows = Benchmark({"a": Scripted()}).run(items(8), noises)
        noisy, told = summarise(rows)
        assert (noisy.model, told.model) == (NOISY, "a")
        assert noisy.pictures == told.pictures == 8
        assert set(told.level.split(" or ")) == {"sigma known", "blind"}

    def test_memory_that_ran_out_once_is_remembered(self):
        widths = []

        def small_machine(tiles):
            widths.append(tiles.shape[-1])
            if tiles.shape[-1] > 40:
                raise MemoryError
            return tiles

        run(Benchmark({"a": Tiled(small_machine)}))
        failed = [place for place, width in enumerate(widths) if width > 40]
        assert failed
        assert failed == list(range(len(failed)))  # with the first picture, and never again

    def test_any_metrics_and_psnr_always(self):
        (row,) = run(Benchmark({}, metrics=["mae", "ciede2000"]), items(1))
        assert list(row.values) == ["psnr", "mae", "ciede2000"]
        with pytest.raises(MetricError, match="unknown metric 'vibes'"):
            Benchmark({}, metrics=["vibes"])

    def test_what_was_removed_is_on_the_scale_of_sigma(self):
        middle = MadeItem(np.full((1, 300, 300), 0.5, np.float32))
        exact = Scripted(lambda tiles: np.full_like(tiles, 0.5))
        noisy, mended = run(Benchmark({"exact": exact}), [middle])
        assert (noisy.removed, mended.removed) == (0, pytest.approx(25, rel=0.01))

    def test_a_picture_smaller_than_the_ssim_window_is_refused(self):
        with pytest.raises(ImageError, match="at least 11"):
            run(Benchmark({}), [MadeItem(colour(height=8))])


@pytest.mark.parametrize("name", ["nlm", "tv"])
def test_a_classical_method_lifts_the_noisy_picture(name):
    pytest.importorskip("skimage")
    ramp = np.broadcast_to(np.linspace(0.2, 0.8, 64, dtype=np.float32), (3, 48, 64))
    noisy, mended = run(Benchmark({name: open_denoiser(name)}), [MadeItem(ramp)])
    assert mended.values["psnr"] > noisy.values["psnr"] + 5
    assert mended.values["ssim"] > noisy.values["ssim"]
    assert mended.seconds > 0
