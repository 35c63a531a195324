import csv
import json
import math

import numpy as np
import pytest

from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.report import to_csv, to_json, to_markdown, to_panel
from degrain.evaluation.rows import Row, Summary, summarise
from degrain.images.picture import Picture
from degrain.images.scale import PixelScale
from degrain.noise.table import parse

ROWS = [
    Row("noisy", "gaussian:sigma=25", "", "a,b.png", 20.1712, 0.41, 0.0, 0.15),
    Row("small", "gaussian:sigma=25", "sigma known", "a,b.png", 31.005, 0.91, 0.3, 0.15),
    Row("small", "gaussian:sigma=25", "sigma known", "c.png", 29.005, 0.93, 0.3, 0.15),
]
SUMMARIES = summarise(ROWS)


class TestJson:
    def test_schema(self):
        answer = json.loads(to_json(SUMMARIES, seed=7))
        assert list(answer) == ["rows"]
        assert answer["rows"][1] == {
            "model": "small",
            "noise": "gaussian:sigma=25",
            "level": "sigma known",
            "pictures": 2,
            "psnr": pytest.approx(30.005),
            "ssim": pytest.approx(0.92),
            "seconds_per_megapixel": pytest.approx(2.0),
            "worst_psnr": 29.005,
            "worst_picture": "c.png",
            "seed": 7,
            "clipped": False,
        }

    def test_infinity_is_null_and_the_rest_strict(self):
        perfect = Summary("m", "g", "blind", 1, math.inf, 1.0, 0.1, math.inf, "a.png")
        (row,) = json.loads(to_json([perfect], seed=0), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))[
            "rows"
        ]
        assert row["psnr"] is None
        assert row["ssim"] == 1.0

    def test_no_rows(self):
        assert json.loads(to_json([], seed=0)) == {"rows": []}


class TestMarkdown:
    def test_columns_line_up(self):
        table = [line for line in to_markdown(SUMMARIES).splitlines() if line.startswith("|")]
        assert len(table) == 4
        bars = [[place for place, letter in enumerate(line) if letter == "|"] for line in table]
        assert all(places == bars[0] for places in bars)

    def test_numbers_and_rules_are_there(self):
        text = to_markdown(SUMMARIES)
        for expected in ("20.17", "30.00", "0.9200", "2.000", "29.00", "c.png", "sigma known", "unclipped", "8 bit"):
            assert expected in text


@pytest.mark.parametrize("rows", [ROWS, SUMMARIES], ids=["rows", "summaries"])
def test_csv_reads_back(rows):
    back = list(csv.DictReader(to_csv(rows).splitlines()))
    assert len(back) == len(rows)
    assert [float(line["psnr"]) for line in back] == [row.psnr for row in rows]
    assert back[0]["model"] == "noisy"
    assert to_csv([]) == ""


class TestPanel:
    class Item:
        key = group = "made"

        def load(self):
            scale = PixelScale.of("uint8")
            samples = np.full((60, 80, 3), 128, np.uint8)
            samples[20:40, 30:50] = (200, 60, 90)
            return Picture(samples, scale)

    def test_shows_clean_and_noisy_side_by_side(self):
        shown = to_panel(Benchmark({}), self.Item(), 0, parse("gaussian:sigma=25"))
        assert shown.samples.dtype == np.uint8
        assert shown.channels == 3
        assert shown.width > 2 * 80
        assert shown.height > 60

    def test_same_noise_as_the_benchmark_and_other_with_another_index(self):
        first, again, other = (
            to_panel(Benchmark({}), self.Item(), index, parse("gaussian:sigma=25")).samples for index in (0, 0, 1)
        )
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()

    def test_a_detail_makes_it_taller(self):
        whole, detail = (
            to_panel(Benchmark({}), self.Item(), 0, parse("gaussian:sigma=25"), crop=crop)
            for crop in (None, (15, 25, 20, 20))
        )
        assert detail.height > whole.height
