"""Which files ``degrain denoise`` reads and writes."""

from pathlib import Path

import pytest

from degrain.images.read import read

pytestmark = pytest.mark.usefixtures("bundled")


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_result_lies_beside_the_input(degrain, here, photo):
    done = degrain("denoise", photo)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("photo.denoised.png  (sigma ")
    assert tree(here) == {"photo.png", "photo.denoised.png"}
    before, after = read(photo), read("photo.denoised.png")
    assert after.samples.shape == before.samples.shape
    assert (after.samples != before.samples).any()


@pytest.mark.parametrize("target", ["clean.png", "clean.tif", "clean.webp", "clean.jpg", "clean.npy"])
def test_a_file_in_the_format_of_its_suffix(degrain, here, photo, target):
    assert degrain("denoise", photo, "-o", target).code == 0
    assert read(target).samples.shape == read(photo).samples.shape


@pytest.mark.parametrize("output", ["clean", "clean/", "deep/er/clean", "scans.v2/"])
def test_a_folder_is_made_when_missing(degrain, here, photo, output):
    assert degrain("denoise", photo, "-o", output).code == 0
    assert (here / output / "photo.png").is_file()


def test_many_files_into_one_folder(degrain, here, save_noisy):
    save_noisy(here / "a.png")
    save_noisy(here / "b.png")
    done = degrain("denoise", "a.png", "b.png", "-o", "clean/")
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()] == ["clean/a.png", "clean/b.png"]
    assert tree(here / "clean") == {"a.png", "b.png"}


def test_a_folder_without_its_results_and_hidden_files(degrain, here, save_noisy):
    for name in ("scans/b.png", "scans/a.jpg", "scans/old.denoised.png", "scans/.hidden.png"):
        save_noisy(here / name)
    (here / "scans/notes.txt").write_text("no picture")
    assert degrain("denoise", "scans", "-o", "clean").code == 0
    assert tree(here / "clean") == {"a.jpg", "b.png"}


def test_a_second_run_over_a_folder_takes_no_result_for_an_input(degrain, here, save_noisy):
    save_noisy(here / "scans/a.png")
    assert degrain("denoise", "scans").code == 0
    assert degrain("denoise", "scans", "--overwrite").code == 0
    assert tree(here) == {"scans/a.png", "scans/a.denoised.png"}


def test_a_glob_needs_no_shell(degrain, here, save_noisy):
    for name in ("a1.png", "a2.png", "b1.png"):
        save_noisy(here / name)
    assert degrain("denoise", "a?.png", "-o", "clean").code == 0
    assert tree(here / "clean") == {"a1.png", "a2.png"}


def test_the_same_input_twice_is_done_once(degrain, here, photo):
    done = degrain("denoise", photo, "./photo.png")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1


def test_an_existing_target_is_refused_before_any_work(degrain, here, photo):
    Path("photo.png").write_bytes(b"damaged")  # which nobody must find out
    Path("photo.denoised.png").write_bytes(b"precious")
    done = degrain("denoise", photo)
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("error: photo.denoised.png cannot be written: it exists already\nhint: ")
    assert "--overwrite" in done.err
    assert Path("photo.denoised.png").read_bytes() == b"precious"


def test_an_existing_target_is_replaced_when_asked(degrain, here, photo):
    Path("photo.denoised.png").write_bytes(b"old")
    assert degrain("denoise", photo, "--overwrite").code == 0
    assert read("photo.denoised.png").samples.shape == read(photo).samples.shape


def test_only_the_missing_results_of_a_folder_are_made(degrain, here, save_noisy):
    save_noisy(here / "scans/a.png")
    save_noisy(here / "scans/b.png")
    Path("clean").mkdir()
    Path("clean/a.png").write_bytes(b"precious")
    done = degrain("denoise", "scans", "-o", "clean")
    assert done.code == 1
    assert "1 of 2 pictures failed" in done.err
    assert Path("clean/a.png").read_bytes() == b"precious"
    assert read("clean/b.png").width == 56


@pytest.mark.parametrize(
    ("inputs", "output", "message"),
    [
        (("x/a.png", "y/a.png"), "clean", "would both become clean/a.png"),
        (("x/a.png",), "x", "would replace the input"),
        (("x/a.png",), "x/a.png", "would replace the input"),
        (("x/a.png", "y/a.png"), "x/a.png", "is a file"),
    ],
)
def test_nothing_is_lost_to_two_results_in_one_place(degrain, here, save_noisy, inputs, output, message):
    kept = {name: save_noisy(here / name, seed).read_bytes() for seed, name in enumerate(("x/a.png", "y/a.png"))}
    done = degrain("denoise", *inputs, "-o", output, "--overwrite")
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert {name: Path(name).read_bytes() for name in kept} == kept
    assert tree(here) == set(kept)


@pytest.mark.parametrize("name", ["[bold]x[/].png", "with space.png", "名前 é 🙂.png", "-dash.png", "%s {0} *.png"])
def test_any_name_is_a_name(degrain, here, save_noisy, name):
    save_noisy(here / name)
    done = degrain("denoise", "--json", "--", name)
    assert (done.code, done.err) == (0, "")
    assert (here / name).with_suffix(".denoised.png").is_file()


def test_a_name_that_is_no_text(degrain, here, save_noisy):
    name = b"\xff.png".decode(errors="surrogateescape")
    try:
        save_noisy(here / "a.png").rename(here / name)
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    done = degrain("denoise", name)
    assert (done.code, done.err) == (0, "")
    assert "\\udcff.denoised.png" in done.out


def test_leftovers_of_a_killed_run_are_removed(degrain, here, photo):
    import os

    for name, age in (("old", 7200), ("new", 0)):
        path = Path(f".degrain-{name}.partial")
        path.write_bytes(b"half")
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    assert degrain("denoise", photo).code == 0
    assert tree(here) == {"photo.png", "photo.denoised.png", ".degrain-new.partial"}
