"""``degrain compare``: any picture, as it came or spoilt first, side by side, in numbers and on a page."""

import csv
import json
import os
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from degrain.images.read import read

NOISE = ("--noise", "gaussian:sigma=25")


def smooth(channels, dtype="uint8"):
    """A gentle ramp, (48, 64) or (48, 64, C), alpha last."""
    ramp = np.add.outer(np.linspace(0.2, 0.5, 48), np.linspace(0.1, 0.3, 64))
    full = np.iinfo(dtype).max
    values = (ramp * full).astype(dtype)
    return values if channels == 1 else np.stack([values] * channels, axis=2)


def names():
    """What lies in the current folder, hidden files too."""
    return sorted(path.name for path in Path().iterdir())


@pytest.fixture
def pictures(here):
    """Gray, colour, with alpha, and of 16 bit."""
    for name, channels in {"gray": 1, "rgb": 3, "alpha": 4}.items():
        Image.fromarray(smooth(channels)).save(f"{name}.png")
    Path("deep.png").write_bytes(imagecodecs.png_encode(smooth(3, "uint16")))
    return here


@pytest.fixture
def rows(degrain, pictures, model_file):
    """``rows(picture, option, ...)`` as JSON has them."""

    def compare(*options: object) -> list[dict]:
        done = degrain("compare", *options, "-m", model_file, "--json", "-")
        assert (done.code, done.err) == (0, "")
        return json.loads(done.out)["rows"]

    return compare


@pytest.mark.parametrize("noise", [(), NOISE], ids=["as it came", "spoilt"])
@pytest.mark.parametrize("name", ["gray", "rgb", "alpha", "deep"])
def test_pictures_of_every_kind(degrain, pictures, model_file, name, noise):
    done = degrain("compare", f"{name}.png", "-m", model_file, *noise, "-o", "panel.png", "--html", "page.html")
    assert (done.code, done.err) == (0, "")
    assert f"| {name}.png" in done.out
    columns = 3 if noise else 2
    assert read("panel.png").width == 12 + columns * (320 + 12)
    assert Path("page.html").read_text().count("<figure") == (3 + 2 if noise else 2 + 1)
    assert names() == ["alpha.png", "deep.png", "gray.png", "page.html", "panel.png", "rgb.png"]


def test_the_keys_of_a_picture_that_is_spoilt_first(rows, model_file):
    noisy, model = rows("rgb.png", *NOISE)
    assert (
        set(noisy)
        == set(model)
        == {
            *("model", "noise", "level", "sigma", "picture", "psnr", "ssim", "removed", "seconds", "megapixels"),
            *("seed", "clipped"),
        }
    )
    assert (noisy["model"], model["model"]) == ("noisy", str(model_file))
    assert (model["noise"], model["level"], model["sigma"]) == ("gaussian:sigma=25", "sigma known", 25)


def test_a_picture_as_it_came_has_no_metrics(rows):
    before, model = rows("rgb.png", "--sigma", 7)
    assert before["model"] == "input"
    assert not {"psnr", "ssim", "seed"} & set(model)
    assert (before["removed"], model["noise"], model["level"], model["sigma"]) == (0, "", "sigma given", 7)
    assert model["removed"] > 0


def test_a_metric_that_cannot_be_measured_is_said(degrain, pictures, model_file):
    done = degrain("compare", "rgb.png", "-m", model_file, "--metric", "ssim")
    assert (done.code, done.err.count("\n")) == (0, 1)
    assert done.err.startswith("note: without --noise")
    assert "SSIM" not in done.out


def test_the_numbers_are_those_of_evaluate(degrain, rows, pictures, model_file):
    Path("folder").mkdir()
    Path("rgb.png").rename("folder/rgb.png")
    evaluated = json.loads(degrain("evaluate", "folder", "-m", model_file, "--json", "-").out)["rows"]
    compared = rows("folder/rgb.png", *NOISE)
    assert [row["psnr"] for row in compared] == [row["psnr"] for row in evaluated]


@pytest.mark.parametrize(("sigma", "level"), [("auto", "sigma measured"), ("12", "sigma given"), ("0", "blind")])
def test_what_the_models_are_told(rows, sigma, level):
    assert rows("rgb.png", *NOISE, "--sigma", sigma)[1]["level"] == level


def test_the_level_of_a_noisy_picture_is_measured(rows, save_noisy, pictures):
    save_noisy(Path("noisy.png"), height=96, width=96)
    (_, model) = rows("noisy.png")
    assert model["level"] == "sigma measured"
    assert model["sigma"] == pytest.approx(20, rel=0.2)


def test_several_pictures_stand_one_above_the_other(degrain, pictures, model_file):
    one, two = ["gray.png"], ["gray.png", "rgb.png"]
    for number, inputs in enumerate((one, two)):
        files = ("-o", f"{number}.png", "--csv", f"{number}.csv", "--html", f"{number}.html")
        assert degrain("compare", *inputs, "-m", model_file, *NOISE, *files).code == 0
    assert read("1.png").height == 2 * read("0.png").height
    assert Path("1.html").read_text().count("<section") == 2
    assert [line["picture"] for line in csv.DictReader(Path("1.csv").read_text().splitlines())] == ["gray.png"] * 2 + [
        "rgb.png"
    ] * 2


def test_the_detail_is_the_one_that_is_named(degrain, pictures, model_file):
    Image.fromarray(np.add.outer(np.arange(250), np.arange(300)).astype(np.uint8)).save("gray.png")
    assert degrain("compare", "gray.png", "-m", model_file, "--crop", "40,10,30,20", "-o", "panel.png").code == 0
    sheet = read("panel.png").samples[..., 0]
    detail = np.kron(read("gray.png").samples[10:30, 40:70, 0], np.ones((10, 10), np.uint8))
    assert any((sheet[top : top + 200, 12:312] == detail).all() for top in range(sheet.shape[0] - 200))


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("-o", "there.png"), 1, "there.png cannot be written: it exists already"),
        (("--html", "there.png"), 1, "it exists already"),
        (("--csv", "there.png"), 1, "it exists already"),
        (("-o", "rgb.png", "--overwrite"), 2, "would replace rgb.png"),
        (("-o", "new.png", "--csv", "new.png"), 2, "a file of its own"),
        (("-o", "no_suffix"), 1, "names no format"),
        (("-o", "-"), 2, "only --json writes to stdout"),
        (("--csv", "-"), 2, "only --json writes to stdout"),
        (("--html", "-"), 2, "only --json writes to stdout"),
        (("--crop", "1,2,3"), 2, "four whole numbers"),
        (("--crop", "0,0,65,10"), 1, "crop"),
        (("--noise", "snow"), 1, "unknown noise"),
        (("--sigma", "much"), 2, "neither 'auto'"),
        (("--metric", "vibes"), 1, "unknown metric"),
        (("-m", "no_such"), 1, "no denoiser is called no_such"),
    ],
)
def test_what_cannot_be_done_is_told_before_the_work(
    degrain, pictures, model_file, monkeypatch, options, code, message
):
    monkeypatch.setattr("degrain.inference.engine.Engine.denoise", lambda *_: pytest.fail("worked in vain"))
    Image.new("L", (9, 9)).save("there.png")
    before = {name: Path(name).read_bytes() for name in names()}
    done = degrain("compare", "rgb.png", "-m", model_file, *options)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert {name: Path(name).read_bytes() for name in names()} == before


def test_what_exists_is_replaced_when_that_is_allowed(degrain, pictures, model_file):
    Path("panel.png").write_bytes(b"old")
    assert degrain("compare", "rgb.png", "-m", model_file, "-o", "panel.png", "--overwrite").code == 0
    assert read("panel.png").channels == 3


def test_nothing_is_left_of_a_run_that_fails(degrain, pictures, model_file):
    for name in ("y.png", "z.png"):
        Path(name).write_bytes(b"\x89PNG\r\n\x1a\n damaged")
    done = degrain("compare", "y.png", "z.png", "-m", model_file, "-o", "new.png", "--html", "new.html")
    assert (done.code, done.out) == (1, "")
    assert "y.png" in done.err
    assert "z.png" in done.err
    assert not [name for name in names() if "new" in name or ".partial" in name]


def test_a_name_that_is_no_text(degrain, pictures, model_file):
    name = os.fsdecode(b"caf\xe9 <b>.png")
    try:
        Path("rgb.png").rename(name)
    except OSError:
        pytest.skip("this file system takes no such name")
    files = ("-o", "panel.png", "--html", "page.html", "--csv", "rows.csv", "--json", "rows.json")
    done = degrain("compare", name, "-m", model_file, *files)
    assert (done.code, done.err) == (0, "")
    assert "<b>.png" not in Path("page.html").read_text(encoding="utf-8")
