"""``degrain evaluate``: the same noise for all, the noisy picture first, numbers for people and for programs."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.images.read import read

KEYS = {"model", "noise", "pictures", "psnr", "ssim", "seconds_per_megapixel"}


@pytest.fixture
def photos(here) -> Path:
    """Two smooth colour pictures."""
    rng = np.random.default_rng(0)
    Path("photos").mkdir()
    for name in ("a", "b"):
        coarse = Image.fromarray(rng.integers(60, 190, (4, 5, 3), dtype=np.uint8))
        coarse.resize((40, 32), Image.Resampling.BICUBIC).save(f"photos/{name}.png")
    return Path("photos")


@pytest.fixture
def rows(degrain, photos, model_file):
    """``rows(option, ...)`` of the handmade network, as JSON has them."""

    def evaluate(*options: object) -> list[dict]:
        done = degrain("evaluate", photos, "-m", model_file, "--json", "-", *options)
        assert (done.code, done.err) == (0, "")
        return json.loads(done.out)["rows"]

    return evaluate


@pytest.fixture
def a_bad_one(photos) -> Path:
    """Between the two good pictures, in every order."""
    bad = photos / "aa.png"
    bad.write_bytes((photos / "a.png").read_bytes()[:200])
    return bad


@pytest.mark.parametrize("command", ["evaluate", "compare"])
def test_a_bad_picture_costs_no_other_its_result(degrain, photos, a_bad_one, model_file, command):
    options = [
        *(["--noise", "gaussian:sigma=25"] if command == "compare" else []),
        "-m",
        model_file,
        "--csv",
        "rows.csv",
    ]
    panel = "--panel" if command == "evaluate" else "-o"
    done = degrain(command, photos, *options, panel, "panel.png", "--html", "page.html", "--json", "-")
    assert done.code == 1
    assert f"error: {a_bad_one}" in done.err
    assert "1 of 3 pictures failed and are left out" in done.err
    with Path("rows.csv").open() as file:
        assert {Path(row["picture"]).name for row in csv.DictReader(file)} == {"a.png", "b.png"}
    assert json.loads(done.out)["rows"]
    assert read(Path("panel.png")).width > 0
    assert Path("page.html").stat().st_size


@pytest.mark.parametrize("command", ["evaluate", "compare"])
def test_bad_pictures_alone_give_no_table(degrain, photos, a_bad_one, model_file, command):
    for name in ("a.png", "b.png"):
        (photos / name).write_bytes(a_bad_one.read_bytes())
    done = degrain(command, photos, "-m", model_file, "--csv", "rows.csv")
    assert (done.code, done.out) == (1, "")
    assert done.err.count("error: ") == 3
    assert not Path("rows.csv").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("command", ["evaluate", "compare"])
def test_a_stdout_that_takes_nothing_costs_no_file(photos, model_file, command):
    wanted = ["--csv", "rows.csv", "--json", "rows.json", "--html", "page.html"]
    with Path("/dev/full").open("w") as full:
        run = [sys.executable, "-m", "degrain", command, photos, "-m", model_file, *wanted]
        assert subprocess.run(run, stdout=full, stderr=subprocess.PIPE).returncode == 1
    assert all(Path(name).stat().st_size for name in wanted[1::2])


def test_the_rows_have_the_promised_keys(rows, model_file):
    noisy, model = rows()
    assert set(noisy) >= KEYS
    assert set(model) >= KEYS
    assert (noisy["model"], model["model"]) == ("noisy", str(model_file))
    assert {row["noise"] for row in (noisy, model)} == {"gaussian:sigma=25"}
    assert noisy["pictures"] == model["pictures"] == 2
    assert noisy["psnr"] == pytest.approx(20 * np.log10(255 / 25), abs=0.4)  # what sigma 25 is in dB
    assert 0 < noisy["ssim"] < 1
    assert model["seconds_per_megapixel"] > 0 == noisy["seconds_per_megapixel"]


def test_the_noisy_row_comes_first_under_every_noise(rows, model_file, make_network):
    Path("other.onnx").write_bytes(make_network(seed=1))
    found = rows("-m", "other.onnx", "--noise", "gaussian:sigma=10", "--noise", "gaussian:sigma=50")
    models = ["noisy", str(model_file), "other.onnx"]
    assert [row["model"] for row in found] == models * 2
    assert [row["noise"] for row in found] == ["gaussian:sigma=10"] * 3 + ["gaussian:sigma=50"] * 3
    assert found[0]["psnr"] > found[3]["psnr"] + 12


def test_all_models_see_the_same_noise(rows):
    alone = rows("--noise", "gaussian:sigma=30")
    together = rows("--noise", "gaussian:sigma=10", "--noise", "gaussian:sigma=30", "-m", "nlm")[3:]
    for one, other in zip(alone, together, strict=False):
        assert (one["psnr"], one["ssim"]) == (other["psnr"], other["ssim"])


def test_the_seed_settles_the_noise(rows):
    assert rows("--seed", 3)[0]["psnr"] == rows("--seed", 3)[0]["psnr"] != rows("--seed", 4)[0]["psnr"]


def test_blind_tells_no_model_the_level(rows):
    told, blind = rows()[1], rows("--blind")[1]
    assert (told["level"], blind["level"]) == ("sigma known", "blind")
    assert told["psnr"] != blind["psnr"]


def test_gray_compares_luma(rows, degrain, photos, model_file):
    Path("gray").mkdir()
    for path in photos.iterdir():
        Image.open(path).convert("L").save(Path("gray") / path.name)
    luma = rows("--gray")
    already = json.loads(degrain("evaluate", "gray", "-m", model_file, "--gray", "--json", "-").out)["rows"]
    for one, other in zip(luma, already, strict=True):
        assert one["psnr"] == pytest.approx(other["psnr"], abs=0.01)  # luma differs by rounding
    assert luma[0]["psnr"] != rows()[0]["psnr"]


def test_a_table_for_people_and_a_file_for_programs(degrain, photos, model_file):
    done = degrain("evaluate", photos, "-m", model_file, "--json", "rows.json")
    assert (done.code, done.err) == (0, "")
    header, _, noisy, model, *_ = done.out.splitlines()
    assert [cell.strip() for cell in header.split("|")][1:6] == ["model", "noise", "level", "pictures", "PSNR"]
    assert noisy.startswith("| noisy")
    assert model.startswith(f"| {model_file}")
    assert [row["model"] for row in json.loads(Path("rows.json").read_text())["rows"]] == ["noisy", str(model_file)]


def test_any_metrics_and_the_keys_stay(rows):
    usual, chosen = rows()[1], rows("--metric", "mae", "--metric", "ciede2000")[1]
    assert set(usual) - set(chosen) == {"ssim"}
    assert set(chosen) - set(usual) == {"mae", "ciede2000"}
    assert usual["psnr"] == chosen["psnr"]


def test_a_line_for_each_picture_and_model(degrain, photos, model_file):
    assert degrain("evaluate", photos, "-m", model_file, "--csv", "rows.csv").code == 0
    lines = list(csv.DictReader(Path("rows.csv").read_text().splitlines()))
    assert [(line["picture"], line["model"]) for line in lines] == [
        (picture, model) for picture in ("a.png", "b.png") for model in ("noisy", str(model_file))
    ]
    assert [line["sigma"] for line in lines] == ["0.0", "25.0"] * 2


def test_a_page_with_curves_and_the_pictures_that_tell_most(degrain, photos, model_file):
    noises = ("--noise", "gaussian:sigma=15", "--noise", "gaussian:sigma=40")
    assert degrain("evaluate", photos, "-m", model_file, *noises, "--html", "report.html").code == 0
    page = Path("report.html").read_text()
    assert page.count("<svg") == 2  # PSNR and SSIM
    assert page.count("<section") == 2 * 2  # the worst and the one in the middle, of two pictures under two noises
    assert "--noise gaussian:sigma=40 --html report.html" in page


@pytest.mark.parametrize("option", ["--json", "--csv", "--html", "--panel"])
def test_a_picture_that_is_measured_is_never_replaced(degrain, photos, model_file, option):
    before = (photos / "a.png").read_bytes()
    done = degrain("evaluate", photos, "-m", model_file, option, "photos/a.png", "--overwrite")
    assert (done.code, done.out) == (2, "")
    assert "would replace photos/a.png" in done.err
    assert (photos / "a.png").read_bytes() == before


def test_a_panel_of_the_first_picture(degrain, photos, model_file):
    assert degrain("evaluate", photos, "-m", model_file, "--panel", "side.png").code == 0
    side = read("side.png")
    assert side.channels == 3
    assert side.width > 3 * 320  # clean, noisy, denoised, all eight times as large


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ((), 2, "name a model"),
        (("-m", "MODEL", "--seed", "x"), 2, "--seed"),
        (("-m", "no_such"), 1, "no denoiser is called no_such"),
        (("-m", "MODEL", "--noise", "snow"), 1, "unknown noise 'snow'"),
        (("-m", "MODEL", "--metric", "vibes"), 1, "unknown metric 'vibes'"),
        (("-m", "MODEL", "--csv", "there"), 1, "there cannot be written: it exists already"),
        (("-m", "MODEL", "--html", "there"), 1, "there cannot be written: it exists already"),
        (("-m", "MODEL", "--html", "same", "--csv", "same"), 2, "a file of its own"),
        (("-m", "MODEL", "--json", "there"), 1, "there cannot be written: it exists already"),
        (("-m", "MODEL", "--json", "no/rows.json"), 1, "the folder does not exist"),
        (("-m", "MODEL", "--panel", "there"), 1, "names no format"),
        (("-m", "MODEL", "--panel", "photos/a.png"), 1, "it exists already"),
    ],
)
def test_what_cannot_be_done_is_told_before_the_work(degrain, photos, model_file, monkeypatch, options, code, message):
    Path("there").write_bytes(b"precious")
    monkeypatch.setattr("degrain.evaluation.benchmark.Benchmark.run", lambda *_: pytest.fail("worked in vain"))
    done = degrain("evaluate", photos, *(model_file if option == "MODEL" else option for option in options))
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert Path("there").read_bytes() == b"precious"


def test_folders_that_hold_no_picture(degrain, here, model_file):
    Path("empty").mkdir()
    assert "there is no folder nowhere" in degrain("evaluate", "nowhere", "-m", model_file).err
    done = degrain("evaluate", "empty", "-m", model_file)
    assert done.code == 1
    assert "there is no picture in empty" in done.err


def test_a_picture_that_is_too_small_for_a_metric_is_named(degrain, photos, model_file):
    Image.new("RGB", (9, 9)).save(photos / "tiny.png")
    done = degrain("evaluate", photos, "-m", model_file, "--json", "-")
    assert done.code == 1
    assert done.err.startswith("error: tiny.png: ssim needs sides of at least 11 pixels, got 9x9\nhint: psnr")
    assert {row["pictures"] for row in json.loads(done.out)["rows"]} == {2}
