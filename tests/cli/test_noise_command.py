"""``degrain noise``: the noise that was asked for, the same for the same seed."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.cli.main import cli
from degrain.images.read import read
from degrain.noise.table import NOISES, parse


@pytest.fixture
def gray(here) -> str:
    """A flat picture far from both ends of the range."""
    Image.new("RGB", (120, 100), (128, 128, 128)).save("gray.png")
    return "gray.png"


def test_the_noise_has_the_strength_asked_for(degrain, gray):
    done = degrain("noise", gray, "-o", "noisy.png", "--noise", "gaussian:sigma=12")
    assert (done.code, done.out, done.err) == (0, "noisy.png  (gaussian:sigma=12)\n", "")
    difference = read("noisy.png").samples.astype(float) - 128
    assert difference.std() == pytest.approx(12, rel=0.02)
    assert abs(difference.mean()) < 0.3


def test_same_seed_same_bytes(degrain, gray):
    for name, seed in {"a.png": 7, "b.png": 7, "c.png": 8}.items():
        degrain("noise", gray, "-o", name, "--seed", seed)
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert Path("a.png").read_bytes() != Path("c.png").read_bytes()


def test_a_range_is_drawn_once_and_told(degrain, gray):
    done = degrain("noise", gray, "-o", "noisy.png", "--noise", "gaussian:sigma=5..50", "--seed", 3)
    told = float(done.out.split("sigma=")[1].rstrip(")\n"))
    assert 5 <= told <= 50
    assert (read("noisy.png").samples.astype(float) - 128).std() == pytest.approx(told, rel=0.05)


@pytest.mark.parametrize("name", NOISES)
def test_every_kind_runs_and_tells_what_it_did(degrain, gray, name):
    short_form = {"chain": "poisson:peak=30..100+mottle+quantise:bits=3", "either": "speckle|gaussian"}.get(name, name)
    done = degrain("noise", gray, "-o", "noisy.png", "--noise", short_form)
    assert (done.code, done.err) == (0, "")
    told = done.out.removeprefix("noisy.png  (").removesuffix(")\n")
    assert ".." not in told
    noisy = read("noisy.png").samples
    assert noisy.shape == (100, 120, 3)
    assert (noisy != 128).any() or name in ("jpeg", "quantise")  # they leave a flat picture as it is
    degrain("noise", gray, "-o", "again.png", "--noise", told)
    assert read("again.png").samples.std() == pytest.approx(noisy.std(), rel=0.05, abs=0.01)


@pytest.mark.parametrize("name", sorted(set(NOISES) - {"chain", "either"}))
def test_every_kind_stands_in_the_help_with_its_settings(name):
    line = next(line.split() for line in cli.get_command(None, "noise").help.splitlines() if name in line.split())
    settings = str(parse(name)).partition(":")[2].split(",")
    assert [word.rstrip(",") for word in line[1:]][: len(settings)] == [text.partition("=")[0] for text in settings]


def test_depth_is_kept(degrain, here):
    np.save("deep.npy", np.full((50, 60), 30000, np.uint16))
    degrain("noise", "deep.npy", "-o", "deep.tif", "--noise", "gaussian:sigma=10")
    deep = read("deep.tif")
    assert deep.scale.dtype == "uint16"
    assert deep.samples.std() == pytest.approx(10 * 257, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("gray.png",), 2, "--output"),
        (("gray.png", "-o", "out.png", "--seed", "-1"), 2, "--seed"),
        (("gray.png", "-o", "./gray.png", "--overwrite"), 2, "would replace the input gray.png"),
        (("gray.png", "-o", "there.png"), 1, "there.png cannot be written: it exists already"),
        (("gray.png", "-o", "out.gif"), 1, "its suffix names no format"),
        (("gray.png", "-o", "no/out.png"), 1, "the folder does not exist"),
        (("nowhere.png", "-o", "out.png"), 1, "nowhere.png: No such file"),
        (("gray.png", "-o", "out.png", "--noise", "snow"), 1, "known: camera, chain, correlated"),
        (("gray.png", "-o", "out.png", "--noise", "gaussian:sigma=much"), 1, "cannot read 'sigma=much'"),
        (("gray.png", "-o", "out.png", "--noise", "gaussian:sigma=-3"), 1, "0 <= sigma"),
        (("gray.png", "-o", "out.png", "--noise", "gaussian:width=3"), 1, "gaussian has no 'width'"),
        (("gray.png", "-o", "out.png", "--noise", "poisson:peak=0"), 1, "0.01 <= peak"),
        (("gray.png", "-o", "out.png", "--noise", "quantise+gaussian"), 1, "quantise:bits=8 clips"),
        (("gray.png", "-o", "out.png", "--noise", "gaussian+"), 1, "unknown noise ''"),
        (("nan.npy", "-o", "out.npy", "--noise", "jpeg"), 1, "1 pixels are NaN"),
        (("counts.npy", "-o", "out.npy", "--noise", "jpeg"), 1, "clean floats have 0 for black"),
    ],
)
def test_what_cannot_be_done(degrain, gray, arguments, code, message):
    Path("there.png").write_bytes(b"precious")
    np.save("counts.npy", np.full((9, 9), 300.0))
    np.save("nan.npy", np.where(np.eye(9) * np.arange(9) == 4, np.nan, 0.5))
    before = sorted(Path().iterdir())
    done = degrain("noise", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert sorted(Path().iterdir()) == before
    assert Path("there.png").read_bytes() == b"precious"


def test_overwrite(degrain, gray):
    Path("noisy.png").write_bytes(b"old")
    assert degrain("noise", gray, "-o", "noisy.png", "--overwrite").code == 0
    assert read("noisy.png").width == 120
