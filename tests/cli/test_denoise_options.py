"""What the options of ``degrain denoise`` do to the picture and say of it."""

import json
import re
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.images.scale import EIGHT_BIT
from degrain.images.write import write
from degrain.noise.draw import NumpyDraw
from degrain.noise.table import parse

pytestmark = pytest.mark.usefixtures("bundled")

KEYS = {
    "input", "output", "status", "changed", "model", "sigma", "sigma_at_black", "gain", "black", "correlation",
    "strength", "width", "height", "channels", "dtype", "seconds",
}  # fmt: skip


def change(photo: Path, target: str) -> float:
    """Mean absolute difference to the input, of 255."""
    return float(np.abs(read(target).unit() - read(photo).unit()).mean()) * 255


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".bmp"])
def test_strength_0_gives_the_same_bytes(degrain, here, save_noisy, suffix):
    photo = save_noisy(here / f"photo{suffix}")
    done = degrain("denoise", photo, "--strength", 0)
    assert done.code == 0
    assert photo.with_suffix(f".denoised{suffix}").read_bytes() == photo.read_bytes()


def test_another_name_for_the_same_format_gives_the_same_bytes(degrain, here, save_noisy):
    photo = save_noisy(here / "photo.jpg")
    assert degrain("denoise", photo, "--strength", 0, "-o", "same.jpeg").code == 0
    assert Path("same.jpeg").read_bytes() == photo.read_bytes()


def test_the_limit_of_size_can_be_raised(degrain, here, photo):
    done = degrain("denoise", photo, "--max-megapixels", 0.0001)
    assert done.code == 1
    assert "--max-megapixels" in done.err
    assert degrain("denoise", photo, "--max-megapixels", "inf").code == 0
    assert "more than the limit of nan" in degrain("denoise", photo, "--max-megapixels", "nan", "-o", "other.png").err


def test_a_panel_goes_into_a_folder_that_is_made_for_the_result(degrain, here, photo):
    assert degrain("denoise", photo, "-o", "new/", "--panel", "new/panel.png").code == 0
    assert Path("new/panel.png").exists()


def test_strength_0_still_converts(degrain, here, photo):
    assert degrain("denoise", photo, "--strength", 0, "-o", "same.tif").code == 0
    assert (read("same.tif").samples == read(photo).samples).all()


def test_more_strength_changes_more(degrain, here, photo):
    changes = []
    for strength in (0, 0.25, 0.5, 0.75, 1):
        target = f"{strength}.png"
        assert degrain("denoise", photo, "-o", target, "--strength", strength).code == 0
        changes.append(change(photo, target))
    assert changes[0] == 0
    assert all(less + 0.2 < more for less, more in pairwise(changes))


def test_strength_above_1_tells_the_model_of_more_noise(degrain, here, photo):
    for target, options in {"a.png": ("--sigma", 20, "--strength", 1.5), "b.png": ("--sigma", 30)}.items():
        assert degrain("denoise", photo, "-o", target, *options).code == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


@pytest.mark.parametrize("sigma", [0, 12, "auto"])
def test_strength_0_says_so(degrain, here, photo, sigma):
    done = degrain("denoise", photo, "-o", "same.png", "--strength", 0, "--sigma", sigma)
    assert "strength 0, unchanged" in done.out
    assert Path("same.png").read_bytes() == Path(photo).read_bytes()


def test_strength_above_1_needs_a_level(degrain, here, photo):
    done = degrain("denoise", photo, "--strength", 1.5, "--sigma", 0)
    assert done.code == 1
    assert "strength 1.5" in done.err


def test_auto_measures_the_noise(degrain, here, photo):
    record = json.loads(degrain("denoise", photo, "--json").out)
    assert record["sigma"] == pytest.approx(20, abs=3)
    for target, sigma in (("told.png", record["sigma"]), ("other.png", 60)):
        degrain("denoise", photo, "-o", target, "--sigma", sigma)
    assert change(Path("photo.denoised.png"), "told.png") < change(Path("photo.denoised.png"), "other.png")


def spoilt(noise: str, target: str, brightest: float = 0.9) -> Path:
    """A ramp from dark to bright with such noise, as a file."""
    ramp = 0.1 + (brightest - 0.1) * np.add.outer(np.linspace(0, 0.5, 160), np.linspace(0, 0.5, 160))
    unit = parse(noise).apply(np.stack([ramp] * 3).astype(np.float32), NumpyDraw(np.random.default_rng(0)))
    write(Picture.of_array(EIGHT_BIT.to_stored(unit.transpose(1, 2, 0))), Path(target))
    return Path(target)


def test_a_level_that_grows_with_brightness_is_said(degrain, here):
    record = json.loads(degrain("denoise", spoilt("poisson_gaussian:peak=100,sigma=5", "a.png"), "--json").out)
    assert record["gain"] == pytest.approx(0.01, rel=0.15)
    assert record["sigma_at_black"] < 10 < record["sigma"]
    assert re.search(r"sigma \d\d\.\d, \d\.\d at black, gain 0\.0\d+,", degrain("denoise", "a.png", "--overwrite").out)


def test_a_level_that_was_given_measures_nothing(degrain, here, photo):
    record = json.loads(degrain("denoise", photo, "--sigma", 12, "--json").out)
    assert (record["sigma"], record["sigma_at_black"], record["gain"], record["black"]) == (12, 12, 0, 0)
    assert record["correlation"] is None


def test_noise_that_is_not_white_is_said_once(degrain, here, make_network):
    for name in ("a.png", "b.png"):
        spoilt("correlated:sigma=12,radius=1", name)
    done = degrain("denoise", "a.png", "b.png", "-m", "small")
    assert done.code == 0
    assert done.out.count("unchanged; not white, correlation 0.9") == 2
    assert done.err == "note: noise that is not white reads too low; -m photo is made for that of cameras\n"
    assert json.loads(degrain("denoise", "a.png", "-m", "small", "--json", "--overwrite").out)["correlation"] > 0.8
    Path("blind.onnx").write_bytes(make_network(wants_level=False))
    assert degrain("denoise", "a.png", "-m", "blind.onnx", "--overwrite").err == ""


def test_auto_takes_the_model_that_suits_the_noise(degrain, here, photo):
    spoilt("camera:peak=300,quality=90", "camera.png")
    for source, model in (("camera.png", "photo"), (photo, "small")):
        done = degrain("denoise", source, "-o", "auto.png", "--json", "--overwrite")
        assert (json.loads(done.out)["model"], done.err) == (model, "")
        degrain("denoise", source, "-o", "named.png", "-m", model, "--overwrite")
        assert (read("auto.png").samples == read("named.png").samples).all()
    degrain("denoise", "camera.png", "-o", "whole.png")
    assert (
        json.loads(degrain("denoise", "camera.png", "-o", "more.png", "--strength", 1.5, "--json").out)["model"]
        == "photo"
    )
    assert (read("more.png").samples == read("whole.png").samples).all()  # it has no more to give
    assert "noise left to photo; not white, correlation 0." in degrain("denoise", "camera.png", "--overwrite").out


def test_auto_is_compared_with_others(degrain, here, photo):
    spoilt("camera:peak=300,quality=90", "camera.png")
    models = ("-m", "auto", "-m", "small", "-m", "photo")
    rows = json.loads(degrain("compare", "camera.png", photo, *models, "--json", "-").out)["rows"]
    removed = {(row["picture"], row["model"]): row["removed"] for row in rows}
    for source, model, other in (("camera.png", "photo", "small"), (str(photo), "small", "photo")):
        assert removed[source, "auto"] == removed[source, model] != removed[source, other]
    Path("clean").mkdir()
    spoilt("gaussian:sigma=0", "clean/ramp.png")
    rows = json.loads(degrain("evaluate", "clean", *models, "--json", "-").out)["rows"]
    psnr = {row["model"]: row["psnr"] for row in rows}
    assert psnr["auto"] == pytest.approx(psnr["small"], abs=0.1)
    (auto,) = {row["level"] for row in rows if row["model"] == "auto"}
    assert auto == "sigma measured"


def test_auto_leaves_what_is_too_faint_to_tell_to_the_model_that_judges(degrain, here):
    spoilt("correlated:sigma=1,radius=0.7", "faint.png", brightest=0.3)
    assert "faint.denoised.png  (noise left to photo, " in degrain("denoise", "faint.png").out
    assert change("faint.png", "faint.denoised.png") > 0
    assert "no noise found, unchanged" in degrain("denoise", "faint.png", "-m", "small", "--overwrite").out


def test_white_noise_needs_no_word(degrain, here, photo):
    done = degrain("denoise", photo)
    assert "white" not in done.out + done.err


def test_a_level_of_0_is_left_to_the_model(degrain, here, photo):
    done = degrain("denoise", photo, "--sigma", 0)
    assert done.code == 0
    assert "noise left to small" in done.out
    assert change(photo, "photo.denoised.png") > 0


def test_a_picture_without_noise_stays_as_it_is(degrain, here):
    Image.new("RGB", (40, 30), (9, 99, 199)).save("flat.jpg")
    done = degrain("denoise", "flat.jpg")
    assert done.code == 0
    assert "no noise found, unchanged" in done.out
    assert Path("flat.denoised.jpg").read_bytes() == Path("flat.jpg").read_bytes()


@pytest.mark.parametrize("sigma", ["-1", "nan", "inf", "much", ""])
def test_a_level_that_is_none_is_wrong_usage(degrain, here, photo, sigma):
    done = degrain("denoise", photo, f"--sigma={sigma}")
    assert (done.code, done.out) == (2, "")
    assert "neither 'auto' nor a number, 0 or more" in done.err
    assert "hint: degrain denoise --help" in done.err


def test_a_level_that_the_model_ignores_is_said(degrain, here, photo, make_network):
    Path("blind.onnx").write_bytes(make_network(wants_level=False))
    done = degrain("denoise", photo, "-m", "blind.onnx", "--sigma", 12)
    assert done.code == 0
    assert done.err == "note: blind.onnx judges the noise by itself, --sigma 12 is not used\n"
    assert degrain("denoise", photo, "-m", "blind.onnx", "--overwrite").err == ""


def test_tiles_and_threads_do_not_change_the_picture(degrain, here, save_noisy):
    photo = save_noisy(here / "large.png", height=150, width=170)
    degrain("denoise", photo, "-o", "whole.png", "--sigma", 20)
    degrain("denoise", photo, "-o", "tiled.png", "--sigma", 20, "--tile", 96, "--threads", 1)
    assert np.abs(read("whole.png").samples.astype(int) - read("tiled.png").samples).max() <= 1


def test_a_model_from_a_file(degrain, here, photo, model_file):
    done = degrain("denoise", photo, "-m", model_file, "--json")
    assert json.loads(done.out)["model"] == str(model_file)


def test_a_panel_shows_both(degrain, here, photo):
    done = degrain("denoise", photo, "--panel", "both.png")
    assert (done.code, done.err) == (0, "")
    both = read("both.png")
    assert both.channels == 3
    assert both.width == 2 * 6 * read(photo).width + 3 * 12  # 40 pixels are shown as 240
    assert both.height > 2 * 6 * read(photo).height  # and a detail below


def test_the_sigma_of_a_dark_picture_is_not_rounded_away(degrain, here):
    dark = 40 + 3 * np.random.default_rng(0).standard_normal((64, 64))
    Path("dark.png").write_bytes(imagecodecs.png_encode(np.rint(dark).astype(np.uint16)))
    done = degrain("denoise", "dark.png")
    assert float(re.search(r"sigma ([0-9.]+),", done.out)[1]) == pytest.approx(3 / 257, rel=0.2)
    assert json.loads(degrain("denoise", "dark.png", "--overwrite", "--json").out)["sigma"] == pytest.approx(
        3 / 257, rel=0.2
    )


def test_a_panel_of_many_is_wrong_usage(degrain, here, save_noisy):
    save_noisy(here / "a.png")
    save_noisy(here / "b.png")
    done = degrain("denoise", "*.png", "-o", "clean", "--panel", "both.png")
    assert done.code == 2
    assert "one picture, got 2" in done.err
    assert not Path("clean").exists()


@pytest.mark.parametrize("panel", ["photo.png", "./photo.png", "photo.denoised.png"])
def test_a_panel_replaces_neither_input_nor_result(degrain, here, photo, panel):
    kept = photo.read_bytes()
    assert degrain("denoise", photo, "--panel", panel, "--overwrite").code == 2
    assert photo.read_bytes() == kept


@pytest.mark.parametrize("panel", ["there.png", "no/where.png", "both.gif"])
def test_a_panel_that_cannot_be_is_refused_before_the_work(degrain, here, photo, panel):
    Path("there.png").write_bytes(b"precious")
    done = degrain("denoise", photo, "--panel", panel)
    assert done.code == 1
    assert panel in done.err
    assert not Path("photo.denoised.png").exists()
    assert Path("there.png").read_bytes() == b"precious"


def test_json_is_one_object_a_picture(degrain, here, save_noisy):
    save_noisy(here / "scans/a.png")
    save_noisy(here / "scans/b.jpg", height=30, width=20)
    (here / "scans/c.png").write_bytes(b"\x89PNG\r\n\x1a\n damaged")
    done = degrain("denoise", "scans", "-o", "clean", "--json", "--strength", 0.5)
    a, b, c = map(json.loads, done.out.splitlines())
    assert set(a) == set(b) == KEYS
    assert (a["input"], a["output"], a["status"], a["changed"]) == ("scans/a.png", "clean/a.png", "ok", True)
    assert (b["width"], b["height"], b["channels"], b["dtype"]) == (20, 30, 3, "uint8")
    assert (a["model"], b["model"], b["strength"]) == ("small", "photo", 0.5)  # JPEG took the finest grains
    assert set(c) == {"input", "status", "error", "hint"}
    assert (c["input"], c["status"]) == ("scans/c.png", "error")
    assert c["error"].startswith("scans/c.png: ")
    assert done.code == 1


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_the_same_kind_comes_back(degrain, here, mode):
    rng = np.random.default_rng(0)
    colours = Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    deep = Image.fromarray(rng.integers(20000, 40000, (30, 40), dtype=np.uint16))
    (deep if mode == "I;16" else colours.convert(mode)).save("a.png")
    assert degrain("denoise", "a.png", "--sigma", 20).code == 0
    with Image.open("a.png") as before, Image.open("a.denoised.png") as after:
        assert after.mode == before.mode == mode
        assert not mode.endswith("A") or before.getchannel("A").tobytes() == after.getchannel("A").tobytes()
        assert before.tobytes() != after.tobytes()


@pytest.mark.skipif(
    not (files("degrain.denoisers") / "weights" / "small.onnx").is_file(), reason="the bundled model is not there yet"
)
def test_the_bundled_model_removes_noise(degrain, here, monkeypatch):
    monkeypatch.setattr("degrain.denoisers.zoo.files", files)
    rows, columns = np.mgrid[:128, :160]
    clean = np.rint(128 + 60 * np.sin(rows / 17) * np.cos(columns / 23) + 30 * (columns > 80)).astype(np.uint8)
    Image.fromarray(clean).save("clean.png")
    degrain("noise", "clean.png", "-o", "noisy.png", "--noise", "gaussian:sigma=25")
    assert degrain("denoise", "noisy.png").code == 0
    noisy, denoised = (read(name).unit()[0] for name in ("noisy.png", "noisy.denoised.png"))
    assert np.square(denoised - clean / 255).mean() < np.square(noisy - clean / 255).mean() / 5


def test_the_level_that_was_printed_may_be_given(degrain, here):
    """Floats that count up to 4095 have levels far above 255."""
    counts = np.random.default_rng(0).poisson(np.linspace(200, 3000, 96)[:, None] * np.ones((96, 96)))
    np.save("counts.npy", counts.astype(np.float32))
    record = json.loads(degrain("denoise", "counts.npy", "-o", "a.npy", "--json").out)
    assert record["sigma"] > 255
    done = degrain("denoise", "counts.npy", "-o", "b.npy", "--sigma", record["sigma"])
    assert (done.code, done.err) == (0, "")
