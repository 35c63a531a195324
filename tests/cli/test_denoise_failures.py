"""What goes wrong is one line and a hint; what can be done is done; nothing is lost or half-written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from degrain.images.read import read
from degrain.inference.engine import Engine

pytestmark = pytest.mark.usefixtures("bundled")


def names(folder: str = ".") -> list[str]:
    """What lies there, hidden leftovers too."""
    return sorted(path.name for path in Path(folder).iterdir())


def is_clear(err: str) -> bool:
    """One line for the error, perhaps one for the hint; never a traceback."""
    lines = err.splitlines()
    return lines[0].startswith("error: ") and all(line.startswith("hint: ") for line in lines[1:]) and len(lines) < 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.png", b"", "empty"),
        ("text.png", b"hello, I am no picture at all", "this is no picture"),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "cut.png"),
        ("movie.gif", b"GIF89a" + bytes(40), "a GIF"),
        ("old.ps.png", b"%!PS-Adobe", "PostScript"),
    ],
)
def test_a_file_that_is_no_picture(degrain, here, name, content, message):
    Path(name).write_bytes(content)
    done = degrain("denoise", name, "-o", "out.png")
    assert (done.code, done.out) == (1, "")
    assert is_clear(done.err)
    assert message in done.err
    assert name in done.err
    assert names() == [name]


def test_nan_is_counted_and_placed(degrain, here):
    values = np.full((20, 30), 0.5, np.float32)
    values[7, 9] = values[8, 1] = np.nan
    np.save("a.npy", values)
    for strength in (1, 0):
        done = degrain("denoise", "a.npy", "--strength", strength)
        assert done.code == 1
        assert is_clear(done.err)
        assert "a.npy: 2 pixels are NaN" in done.err
        assert "row 7, column 9" in done.err
        assert names() == ["a.npy"]


def test_one_damaged_picture_of_many_stops_no_other(degrain, here, save_noisy):
    for index in range(4):
        save_noisy(here / f"scans/{index}.png", index)
    whole = Path("scans/2.png").read_bytes()
    Path("scans/2.png").write_bytes(whole[: len(whole) // 2])
    done = degrain("denoise", "scans", "-o", "clean")
    assert done.code == 1
    assert [line.split()[0] for line in done.out.splitlines()] == [f"clean/{index}.png" for index in (0, 1, 3)]
    error, *hints, summary = done.err.splitlines()
    assert error.startswith("error: scans/2.png: ")
    assert all(line.startswith("hint: ") for line in hints)
    assert summary == "1 of 4 pictures failed"
    assert names("clean") == ["0.png", "1.png", "3.png"]


def test_results_are_the_same_alone_and_in_company(degrain, here, save_noisy):
    for index in range(3):
        save_noisy(here / f"scans/{index}.png", index, height=30 + index)
    degrain("denoise", "scans", "-o", "together")
    for index in range(3):
        degrain("denoise", f"scans/{index}.png", "-o", "alone")
        assert Path(f"alone/{index}.png").read_bytes() == Path(f"together/{index}.png").read_bytes()


def test_a_model_that_fails_on_a_picture_names_it(degrain, here, save_noisy, make_network):
    save_noisy(here / "scans/b.png")
    np.save("scans/a.npy", np.random.default_rng(0).uniform(-3e38, 3e38, (20, 20, 3)).astype(np.float32))
    done = degrain("denoise", "scans", "-o", "clean", "--sigma", 0)
    assert done.code == 1
    assert "error: scans/a.npy: small answered with NaN or infinity" in done.err
    assert names("clean") == ["b.png"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.png",), "nowhere.png: No such file"),
        (("nowhere/*.png",), "no pictures found"),
        (("photo.png", "nowhere.png"), "nowhere.png: No such file"),
        ((".", "-o", "photo.png/under"), "photo.png/under"),
        (("photo.png", "-o", "clean.gif"), "its suffix names no format"),
        (("scan.dcm",), "scan.dcm: this is a DICOM file"),
        (("photo.png", "-o", "photo.png/clean.png"), "photo.png cannot be a folder"),
        (("photo.png", "-m", "smal"), "did you mean small?"),
        (("photo.png", "-m", "nowhere.onnx"), "nowhere.onnx cannot be read"),
        (("photo.png", "-m", "photo.png"), "no denoiser is called photo.png"),
        (("photo.png", "-m", "damaged.onnx"), "damaged.onnx"),
        (("photo.png", "--strength", "nan"), "strength goes from 0 to 2"),
    ],
)
def test_what_cannot_be_done_is_told_before_the_work(degrain, here, photo, arguments, message):
    Path("damaged.onnx").write_bytes(b"\x08\x09 damaged")
    Path("scan.dcm").write_bytes(bytes(128) + b"DICM")
    done = degrain("denoise", *arguments)
    assert (done.code, done.out) == (1, "")
    assert is_clear(done.err)
    assert message in done.err
    assert names() == ["damaged.onnx", "photo.png", "scan.dcm"]


def test_a_kind_that_the_target_cannot_hold_is_told_before_the_work(degrain, here, monkeypatch):
    np.save("deep.npy", np.zeros((20, 30), np.uint16))
    monkeypatch.setattr(Engine, "denoise", lambda *_: pytest.fail("worked in vain"))
    done = degrain("denoise", "deep.npy", "-o", "deep.jpg")
    assert done.code == 1
    assert "JPEG cannot hold uint16 samples" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("photo.png", "--strength", "3"),
        ("photo.png", "--strength", "-1"),
        ("photo.png", "--tile", "0"),
        ("photo.png", "--threads", "0"),
        ("photo.png", "--sigma", "auto9"),
        ("photo.png", "--panel"),
        ("photo.png", "--colour"),
        ("photo.png", "-o", "-"),
        ("-", "photo.png"),
        ("-", "-o", "out.png"),
        ("-", "--json"),
        ("-", "--panel", "both.png"),
    ],
)
def test_wrong_usage(degrain, here, photo, arguments):
    done = degrain("denoise", *arguments)
    assert (done.code, done.out) == (2, "")
    assert is_clear(done.err)
    assert done.err.endswith(" --help\n")
    assert names() == ["photo.png"]


def test_no_command_shows_the_help_and_an_unknown_one_points_to_it(degrain):
    alone = degrain()
    assert alone.code == 2
    assert "Commands:" in alone.err
    assert degrain("denoize").err == "error: No such command 'denoize'.\nhint: degrain --help\n"


def test_an_interruption_leaves_no_trace(degrain, here, save_noisy, monkeypatch):
    save_noisy(here / "a.png")
    save_noisy(here / "b.png")
    denoise, calls = Engine.denoise, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return denoise(*arguments)

    monkeypatch.setattr(Engine, "denoise", interrupted)
    done = degrain("denoise", "a.png", "b.png")
    assert done.code == 130
    assert done.err.strip() == "interrupted"
    assert names() == ["a.denoised.png", "a.png", "b.png"]


@pytest.mark.parametrize("error", [MemoryError(), OSError(5, "Input/output error", "disk"), RuntimeError("surprise")])
def test_whatever_else_happens_stops_no_other_picture(degrain, here, save_noisy, monkeypatch, error):
    save_noisy(here / "a.png")
    save_noisy(here / "b.png")
    denoise = Engine.denoise

    def broken(engine, picture, *arguments):
        if "a.png" in picture.source:
            raise error
        return denoise(engine, picture, *arguments)

    monkeypatch.setattr(Engine, "denoise", broken)
    done = degrain("denoise", "a.png", "b.png", "--json")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert [json.loads(line)["status"] for line in done.out.splitlines()] == ["error", "ok"]
    monkeypatch.setenv("DEGRAIN_DEBUG", "1")
    assert f"in broken\n    raise error\n{type(error).__name__}" in degrain("denoise", "a.png").err


LIMITED = """
import resource, sys
from degrain.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="has no such limit")
def test_a_disk_that_takes_no_more_leaves_nothing_behind(here, save_noisy, model_file):
    save_noisy(here / "small.png", height=16, width=16)
    save_noisy(here / "large.png", height=90, width=90)
    command = [sys.executable, "-c", LIMITED, "denoise", "large.png", "small.png", "-m", str(model_file), "-o", "clean"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "error: clean/large.png cannot be written: the file would be larger than allowed" in done.stderr
    assert names("clean") == ["small.png"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_permission_denied(degrain, here, save_noisy):
    for name in ("scans/a.png", "scans/b.png"):
        save_noisy(here / name)
    Path("scans/a.png").chmod(0)
    done = degrain("denoise", "scans", "-o", "clean")
    assert done.code == 1
    assert "error: scans/a.png: Permission denied" in done.err
    assert names("clean") == ["b.png"]
    Path("clean").chmod(0o500)
    done = degrain("denoise", "scans/b.png", "-o", "clean/c.png")
    assert "error: clean/c.png cannot be written: permission denied" in done.err


@pytest.mark.skipif(os.name == "nt", reason="has no such files")
def test_what_is_no_regular_file_is_refused_at_once(degrain, here, photo):
    os.mkfifo("pipe.png")
    assert "not a regular file" in degrain("denoise", "pipe.png").err
    assert "not a regular file" in degrain("denoise", photo, "-o", "pipe.png", "--overwrite").err
    assert "not a regular file" in degrain("denoise", "/dev/zero").err


def test_the_result_of_a_tiny_picture_has_its_size(degrain, here, save_noisy):
    for height, width in ((1, 1), (1, 9), (7, 1)):
        photo = save_noisy(here / f"{height}x{width}.png", height=height, width=width)
        assert degrain("denoise", photo, "--sigma", 20).code == 0
        clean = read(photo.with_suffix(".denoised.png"))
        assert (clean.height, clean.width) == (height, width)
