"""Which files a command line means, and where the results go."""

import os
from pathlib import Path

import pytest

from degrain.errors import StorageError
from degrain.storage.places import denoised_path, find_pictures, pair_with_results

SUFFIXES = (".png", ".jpg", ".tif")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in (
        "b.png", "a.PNG", "c.jpg", "note.txt", ".hidden.png", "a.denoised.PNG", "odd.dat", "sub/d.png", "sub/e.tif",
        "sub/deep/f.png", ".cache/g.png", "empty/readme.md",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*arguments: str) -> list[str]:
    return [str(path) for path in find_pictures(arguments, SUFFIXES)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["b.png"], ["b.png"]),
        (["odd.dat"], ["odd.dat"]),
        (["a.denoised.PNG"], ["a.denoised.PNG"]),
        (["."], ["a.PNG", "b.png", "c.jpg"]),
        (["sub"], ["sub/d.png", "sub/e.tif"]),
        (["*.png"], ["b.png"]),
        (["[bc].*"], ["b.png", "c.jpg"]),
        (["*"], ["a.PNG", "b.png", "c.jpg"]),
        (["**/*.png"], ["b.png", "sub/d.png", "sub/deep/f.png"]),
        (["sub/*"], ["sub/d.png", "sub/e.tif"]),
        (["c.jpg", ".", "./c.jpg"], ["c.jpg", "a.PNG", "b.png"]),
    ],
)
def test_found(tree, arguments, expected):
    assert found(*arguments) == expected


def test_absolute_globs(tree):
    assert found(f"{tree}/*.jpg") == [f"{tree}/c.jpg"]


def test_a_name_with_wildcards_in_it_is_a_file(tree):
    (tree / "[1]*.png").write_bytes(b"x")
    assert found("[1]*.png") == ["[1]*.png"]


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("gone.png", "No such file"),
        ("empty", "no pictures found"),
        ("*.bmp", "no pictures found"),
        ("nowhere/*.png", "no pictures found"),
        ("a\0b", "null"),
        ("", "empty name"),
    ],
)
def test_nothing_found(tree, argument, reason):
    with pytest.raises(StorageError, match=reason):
        found("b.png", argument)


def test_a_glob_that_is_none(tree):
    with pytest.raises(StorageError, match="\\*\\*"):
        found("**.png")


def test_no_arguments():
    with pytest.raises(StorageError, match="no picture was named"):
        found()


def test_links(tree, tmp_path_factory):
    """Loops end, links out of the tree are left alone, links within it are one picture with their target."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.png").write_bytes(b"x")
    (tree / "sub" / "loop").symlink_to(tree)
    (tree / "sub" / "loop2").symlink_to("..")
    (tree / "sub" / "out").symlink_to(outside)
    (tree / "sub" / "out.png").symlink_to(outside / "secret.png")
    (tree / "sub" / "same.png").symlink_to("d.png")
    (tree / "sub" / "dangling.png").symlink_to("nothing")
    (tree / "sub" / "self.png").symlink_to("self.png")
    assert found("sub") == ["sub/d.png", "sub/e.tif"]
    assert found("sub/**/*.png") == ["sub/d.png", "sub/deep/f.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_special_files(tree):
    os.mkfifo(tree / "sub" / "pipe.png")
    assert found("sub") == ["sub/d.png", "sub/e.tif"]
    with pytest.raises(StorageError, match="not a regular file"):
        found("sub/pipe.png")


@pytest.mark.parametrize(
    ("picture", "output", "expected"),
    [
        ("x/a.png", None, "x/a.denoised.png"),
        ("a.b.TIF", None, "a.b.denoised.TIF"),
        ("plain", None, "plain.denoised"),
        ("x/y/a.png", "out", "out/a.png"),
    ],
)
def test_denoised_path(picture, output, expected):
    assert denoised_path(Path(picture), output and Path(output)) == Path(expected)


def pairs(tree, names, output=None):
    done = pair_with_results([Path(name) for name in names], None if output is None else Path(output))
    return [str(result) for _, result in done]


def test_results(tree):
    assert pairs(tree, ["b.png", "c.jpg"]) == ["b.denoised.png", "c.denoised.jpg"]
    assert pairs(tree, ["b.png"], "other.tif") == ["other.tif"]
    assert pairs(tree, ["b.png"], "sub") == ["sub/b.png"]
    assert pairs(tree, ["b.png"], "new") == ["new/b.png"]
    assert pairs(tree, ["b.png", "c.jpg"], "new") == ["new/b.png", "new/c.jpg"]


@pytest.mark.parametrize(
    ("names", "output", "reason"),
    [
        (["b.png"], "b.png", "would replace the input"),
        (["b.png"], "./sub/../b.png", "would replace the input"),
        (["b.png", "c.jpg"], ".", "would replace the input"),
        (["b.png", "c.jpg"], "note.txt", "is a file"),
        (["sub/d.png", "other/d.png"], "new", "would both become"),
    ],
)
def test_lost_results_are_refused(tree, names, output, reason):
    with pytest.raises(StorageError, match=reason):
        pairs(tree, names, output)


def test_a_link_to_the_input_is_the_input(tree):
    (tree / "alias.png").symlink_to("b.png")
    with pytest.raises(StorageError, match="would replace the input"):
        pairs(tree, ["b.png"], "alias.png")
