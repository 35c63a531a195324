"""The original layout, packed and unpacked; and pickles that hold more than data are refused."""

import io
import os
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from degrain.errors import StorageError, TrainingError
from degrain.sources import cifar10
from degrain.sources.cifar10 import ARCHIVE, FOLDER, SIDES, Cifar10, fetch_cifar10
from degrain.sources.plain_pickle import NotPlain, load_plain
from degrain.sources.split import Split

PYTHON_2 = (  # what Python 2 with an old NumPy writes for {"data": array([[1, 2]], uint8), "labels": [3]}
    b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85U\x01b\x87"
    b"Rq\x05(K\x01K\x01K\x02\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01\x87Rq\x07(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff"
    b"\xff\xffK\x00tb\x89U\x02\x01\x02tbU\x06labelsq\x08]q\x09K\x03au."
)


def rows(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 3072), dtype=np.uint8)


def batch(data: np.ndarray, protocol: int = 2) -> bytes:
    return pickle.dumps({b"data": data, b"labels": [0] * len(data), b"batch_label": b"made"}, protocol)


def unpacked(root: Path, names=tuple(SIDES), count: int = 4) -> Path:
    (root / FOLDER).mkdir(parents=True)
    for seed, name in enumerate(names):
        (root / FOLDER / name).write_bytes(batch(rows(count, seed)))
    (root / FOLDER / "batches.meta").write_bytes(b"not read")
    return root


def packed(root: Path) -> Path:
    unpacked(root / "inside")
    with tarfile.open(root / ARCHIVE, "w:gz") as tar:
        tar.add(root / "inside" / FOLDER, FOLDER)
    return root


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_arrays_come_back_as_they_were(protocol):
    made = {b"data": rows(3), "labels": [1, 2.5, None, True, (b"x", "y")], b"turned": np.asfortranarray(rows(2))}
    found = load_plain(io.BytesIO(pickle.dumps(made, protocol)))
    assert np.array_equal(found[b"data"], made[b"data"])
    assert np.array_equal(found[b"turned"], made[b"turned"])
    assert found["labels"] == made["labels"]


def test_pickles_of_python_2():
    found = load_plain(io.BytesIO(PYTHON_2))
    assert found[b"data"].tolist() == [[1, 2]]
    assert found[b"labels"] == [3]


class Code:
    """A pickle that would make a file."""

    def __init__(self, call, *arguments):
        self.reduced = call, arguments

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize(
    "held",
    [
        Code(os.system, "touch ran"),
        Code(eval, "open('ran', 'w')"),
        Code(getattr, os, "system"),
        Code(np.load, "ran"),
        Path("ran"),
        np.zeros(3, object),
        np.zeros(3),
        np.float32(1),
        np.dtype("u1,O"),
    ],
    ids=["os.system", "eval", "getattr", "np.load", "path", "objects", "floats", "scalar", "structured"],
)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_what_could_run_code_is_refused(tmp_path, monkeypatch, held, protocol):
    monkeypatch.chdir(tmp_path)
    try:
        content = pickle.dumps({b"data": [held]}, protocol)
    except (pickle.PicklingError, TypeError):
        content = b"cos\nsystem\n(S'touch ran'\ntR."
    with pytest.raises(NotPlain):
        load_plain(io.BytesIO(content))
    assert not list(tmp_path.glob("[!.]*"))  # hidden: the lock


def test_extensions_and_persistent_ids_are_refused():
    for content in (b"\x80\x02\x82\x01.", b"Pid\n.", b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93."):
        with pytest.raises(NotPlain):
            load_plain(io.BytesIO(content))


@pytest.mark.parametrize("cut", [0, 1, 10, 100, -1])
def test_damaged_pickles(cut):
    with pytest.raises(NotPlain):
        load_plain(io.BytesIO(batch(rows(3))[:cut]))


@pytest.mark.parametrize("place", [".", FOLDER])
def test_unpacked(tmp_path, place):
    items = Cifar10(unpacked(tmp_path) / place).items()
    assert [item.key for item in items[:5]] == [f"data_batch_1/000{n}" for n in range(4)] + ["data_batch_2/0000"]
    expected = rows(4, seed=1)[0].reshape(3, 32, 32).transpose(1, 2, 0)
    assert np.array_equal(items[4].load().samples, expected)


@pytest.mark.parametrize("place", [".", ARCHIVE])
def test_packed(tmp_path, place):
    found, expected = Cifar10(packed(tmp_path) / place).items(), Cifar10(tmp_path / "inside").items()
    assert [item.key for item in found] == [item.key for item in expected]
    assert np.array_equal(found[-1].load().samples, expected[-1].load().samples)


def test_the_test_batch_tests(tmp_path):
    split = Split(Cifar10(unpacked(tmp_path, count=40)), valid=0.2, test=0.5)
    assert {item.key.partition("/")[0] for item in split.items("test")} == {"test_batch"}
    assert len(split.items("test")) == 40
    assert len(split.items("train")) + len(split.items("valid")) == 200


def test_any_batch_will_do(tmp_path):
    assert len(Cifar10(unpacked(tmp_path, ("data_batch_3",))).items()) == 4


def test_missing_batches_are_named(tmp_path):
    source = Cifar10(unpacked(tmp_path, ("data_batch_1", "test_batch")))
    assert len(source.items()) == 8
    assert len(source.missing()) == 6
    assert "0 of 10000" in source.missing()[1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", r"os\.system"),
        (pickle.dumps([1, 2]), "3072"),
        (batch(rows(3)[:, :100]), "3072"),
        (b"", "damaged"),
    ],
)
def test_a_batch_that_is_none(tmp_path, content, message):
    (unpacked(tmp_path) / FOLDER / "data_batch_2").write_bytes(content)
    with pytest.raises(TrainingError, match=message) as caught:
        Cifar10(tmp_path).items()
    assert "data_batch_2" in str(caught.value)


def test_a_damaged_archive(tmp_path):
    archive = packed(tmp_path) / ARCHIVE
    content = bytearray(archive.read_bytes())
    for damaged in (content[: len(content) // 2], b"no archive", content[:5000] + bytes(5000) + content[10000:]):
        archive.write_bytes(damaged)
        with pytest.raises(TrainingError, match="cifar"):
            Cifar10(archive).items()


def test_nothing_there(tmp_path):
    for root in (tmp_path, tmp_path / "gone"):
        with pytest.raises(TrainingError, match="CIFAR-10 is not in") as caught:
            Cifar10(root).items()
        assert "degrain data cifar10" in caught.value.hint


def test_another_file_in_place_of_the_archive_is_not_kept(tmp_path, server, clock, monkeypatch):
    from bad_server import body

    monkeypatch.setattr(cifar10, "URL", server.on(f"/{ARCHIVE}", body(b"please log in")))
    with pytest.raises(StorageError, match="sha256"):
        fetch_cifar10(tmp_path, clock.patience())
    assert not list(tmp_path.glob("[!.]*"))  # hidden: the lock
