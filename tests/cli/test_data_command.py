"""``degrain data``: fetch, count, and say what is missing."""

import json
import pickle
import shlex
import tarfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bad_server import body
from degrain.sources import cifar10, pexels_api
from degrain.storage.fetch import checksum


@pytest.fixture
def photos(here, save_noisy) -> Path:
    for number in range(20):
        save_noisy(here / "photos" / f"{number}.png", number)
    return Path("photos")


def test_the_known_sources_are_listed(degrain):
    done = degrain("data")
    assert done.code == 0
    assert {line.split()[0] for line in done.out.splitlines()} >= {"folder", "cifar10", "pexels", "lc25000"}


def test_counts(degrain, photos):
    done = degrain("data", "folder", photos, "--valid", 0.4, "--test", 0.3)
    counts = {line.split()[0]: [int(n) for n in line.split()[1:]] for line in done.out.splitlines()[2:]}
    assert (done.code, done.err) == (0, "")
    assert counts["all"] == [20, 20]
    assert sum(counts[side][0] for side in ("train", "valid", "test")) == 20
    assert min(counts[side][0] for side in ("train", "valid", "test")) > 0


def test_json_and_settings(degrain, photos):
    done = degrain("data", "folder", photos, "--set", "group_by=folder", "-s", 'include=["", "."]', "--json")
    found = json.loads(done.out)
    assert found["sides"]["all"] == {"pictures": 20, "groups": 1}
    assert (found["name"], found["root"], found["missing"], found["twins"]) == ("folder", "photos", [], [])


def test_near_duplicates_across_splits_are_named(degrain, photos):
    for number in range(20):
        Image.open(photos / f"{number}.png").transpose(Image.Transpose.ROTATE_90).save(photos / f"turned{number}.png")
    twins = json.loads(degrain("data", "folder", photos, "--valid", 0.5, "--twins", "--json").out)["twins"]
    assert twins
    assert all(pair["one"].removeprefix("turned") == pair["other"].removeprefix("turned") for pair in twins)


def test_what_cannot_be_read_has_no_near_duplicates_and_is_named(degrain, photos, caplog):
    (photos / "cut.png").write_bytes((photos / "0.png").read_bytes()[:60])
    done = degrain("data", "folder", photos, "--twins")
    assert done.code == 0
    assert "1 cannot be used and are left out:\n  " in caplog.text
    assert "cut.png" in caplog.text


def test_what_is_missing_comes_with_a_way(degrain, here):
    (here / "cifar-10-batches-py").mkdir()
    rows = pickle.dumps({b"data": np.zeros((2, 3072), np.uint8)}, 2)
    (here / "cifar-10-batches-py" / "data_batch_1").write_bytes(rows)
    done = degrain("data", "cifar10", ".")
    assert done.code == 0
    assert "missing: data_batch_1: 2 of 10000 pictures; degrain data cifar10 -o FOLDER fetches it" in done.out


def test_cifar10_is_fetched(degrain, here, server, monkeypatch):
    batch = here / "data_batch_1"
    batch.write_bytes(pickle.dumps({b"data": np.zeros((3, 3072), np.uint8)}, 2))
    with tarfile.open(here / "made.tar.gz", "w:gz") as tar:
        tar.add(batch.name, "cifar-10-batches-py/data_batch_1")
    monkeypatch.setattr(cifar10, "URL", server.on(f"/{cifar10.ARCHIVE}", body((here / "made.tar.gz").read_bytes())))
    monkeypatch.setattr(cifar10, "SHA256", checksum(here / "made.tar.gz"))
    done = degrain("data", "cifar10", "-o", "new", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["sides"]["all"]["pictures"] == 3


def test_pexels_is_gathered(degrain, here, server, monkeypatch, save_noisy):
    picture = save_noisy(here / "any.jpg", height=96, width=96).read_bytes()
    photo = {
        "id": 7, "url": "page", "photographer": "maker", "photographer_url": "their page",
        "src": {"large2x": server.on("/7.jpg", body(picture))},
    }  # fmt: skip
    server.on("/v1/search", body(json.dumps({"photos": [photo]}).encode()))
    monkeypatch.setattr(pexels_api, "PexelsApi", partial(pexels_api.PexelsApi, address=f"{server.url}/v1"))
    monkeypatch.setenv(pexels_api.KEY, "key")
    done = degrain("data", "pexels", "--query", "cat", "--count", 5, "-o", "cats")
    assert done.code == 0, done.err
    assert Path("cats/7.jpg").read_bytes() == picture
    assert "their page" in Path("cats/manifest.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        ("folder", 2, "-o FOLDER"),
        ("folder photos -o new", 2, "-o FOLDER"),
        ("lc25000 -o new", 2, "cannot be fetched"),
        ("pexels -o new", 2, "--query"),
        ("folder photos --set group_by", 2, "KEY=VALUE"),
        ("pexels -o new --query cat", 1, "PEXELS_API_KEY"),
        ("imagenet photos", 2, "imagenet is no data set"),
        ("photos", 2, "photos is no data set"),
        ("folder photos/0.png", 1, "is a file"),
        ("folder gone", 1, "no folder"),
        ("nih_chestxray photos", 1, "Data_Entry_2017.csv"),
        ("lc25000 photos --set part=liver", 1, "liver"),
        ("folder photos --set colour=red", 1, "it has: root, include"),
        ("folder photos --set root=one", 2, "without --set"),
        ("nih_chestxray photos --set official=no", 1, "official is true or false, got 'no'"),
        ("folder photos --set include=x", 1, 'write ["x"]'),
        ("folder photos --set include=5", 1, 'write ["5"]'),
        ("shots photos --set noisy=2024", 1, "no folder photos/2024"),
        ("folder photos --valid 0.7 --test 0.7", 1, "test=0.7"),
    ],
)
def test_what_cannot_be_done_is_said(degrain, photos, monkeypatch, arguments, code, error):
    monkeypatch.delenv(pexels_api.KEY, raising=False)
    done = degrain("data", *shlex.split(arguments))
    assert (done.code, done.out) == (code, "")
    assert error in done.err
    assert not Path("new").exists()
