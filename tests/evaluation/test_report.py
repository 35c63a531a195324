import csv
import json
import math
from dataclasses import replace

import pytest

from degrain.evaluation.report import to_csv, to_json, to_markdown
from degrain.evaluation.rows import Row, Summary, flat, summarise

NOISE = "gaussian:sigma=25"
ROWS = [
    Row("noisy", NOISE, "", 0.0, "a,b.png", {"psnr": 20.1712, "ssim": 0.41}, 0.0, 0.0, 0.15),
    Row("small", NOISE, "sigma known", 25.0, "a,b.png", {"psnr": 31.005, "ssim": 0.91}, 23.0, 0.3, 0.15),
    Row("small", NOISE, "sigma known", 25.0, "c.png", {"psnr": 29.005, "ssim": 0.93}, 24.0, 0.3, 0.15),
]
CAME_NOISY = Row("small", "", "sigma measured", 7.25, "scan.png", {}, 6.5, 0.3, 0.15)
SUMMARIES = summarise(ROWS)


class TestJson:
    def test_schema(self):
        answer = json.loads(to_json(SUMMARIES, seed=7, clipped=False))
        assert list(answer) == ["rows"]
        assert answer["rows"][1] == {
            "model": "small",
            "noise": "gaussian:sigma=25",
            "level": "sigma known",
            "pictures": 2,
            "psnr": pytest.approx(30.005),
            "ssim": pytest.approx(0.92),
            "removed": 23.5,
            "seconds_per_megapixel": pytest.approx(2.0),
            "worst_psnr": 29.005,
            "worst_picture": "c.png",
            "seed": 7,
            "clipped": False,
        }

    def test_infinity_is_null_and_the_rest_strict(self):
        perfect = Summary("m", "g", "blind", 1, {"psnr": math.inf, "ssim": 1.0}, 20.0, 0.1, math.inf, "a.png")
        (row,) = json.loads(to_json([perfect], seed=0), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))[
            "rows"
        ]
        assert row["psnr"] is None
        assert row["ssim"] == 1.0

    def test_single_rows_name_their_picture_and_what_was_told(self):
        _, row, _ = json.loads(to_json(ROWS))["rows"]
        assert (row["picture"], row["sigma"], row["psnr"], row["removed"]) == ("a,b.png", 25.0, 31.005, 23.0)

    def test_a_picture_that_came_noisy_has_no_metrics(self):
        (row,) = json.loads(to_json([CAME_NOISY]))["rows"]
        assert list(row) == ["model", "noise", "level", "sigma", "picture", "removed", "seconds", "megapixels"]

    def test_no_rows(self):
        assert json.loads(to_json([])) == {"rows": []}


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

    def test_what_went_through_no_model_has_no_cost(self):
        noisy = to_markdown(SUMMARIES).splitlines()[2]
        assert [cell.strip() for cell in noisy.strip("|").split("|")][6:8] == ["-", "-"]

    def test_rows_stand_picture_by_picture(self):
        header, _, row, *_, note = to_markdown([CAME_NOISY]).splitlines()
        assert [cell.strip() for cell in header.strip("|").split("|")] == [
            "picture",
            "model",
            "level",
            "removed",
            "s/MP",
        ]
        assert [cell.strip() for cell in row.strip("|").split("|")] == [
            "scan.png",
            "small",
            "sigma measured 7.2",
            "6.5",
            "2.000",
        ]
        assert "PSNR" not in note

    def test_any_metric_has_its_own_digits(self):
        row = Row("m", "g", "blind", 0, "p", {"psnr": 30.126, "mse": 0.00097, "ciede2000": 3.14159}, 0, 1, 1)
        text = to_markdown([row])
        assert all(f" {number} |" in text for number in ("30.13", "0.000970", "3.14"))

    def test_a_choice_of_noises_stays_in_its_cell(self):
        head, _, line, *_ = to_markdown([replace(SUMMARIES[0], noise="poisson:peak=30|gaussian:sigma=5")]).splitlines()
        assert r"poisson:peak=30\|gaussian:sigma=5" in line
        assert line.replace(r"\|", "").count("|") == head.count("|")


@pytest.mark.parametrize("rows", [ROWS, SUMMARIES], ids=["rows", "summaries"])
def test_csv_reads_back(rows):
    back = list(csv.DictReader(to_csv(rows).splitlines()))
    assert len(back) == len(rows)
    assert [float(line["psnr"]) for line in back] == [row.values["psnr"] for row in rows]
    assert back[0]["model"] == "noisy"
    assert list(back[0]) == list(flat(rows[0]))
    assert to_csv([]) == ""
