import random
from pathlib import Path

import pytest
import torch

from degrain.errors import TrainingError
from degrain.export.checkpoint import load_checkpoint, save_checkpoint

CHECKPOINT = {
    "weights": {"a": torch.randn(3, 4), "b": torch.arange(5), "half": torch.ones(2, dtype=torch.bfloat16)},
    "state": {0: {"step": torch.tensor(7.0)}, 1: {"step": torch.tensor(8.0)}},
    "groups": [{"lr": 1e-3, "betas": (0.9, 0.99), "params": [0, 1], "name": None, "flag": True}],
    "empty": {"tensor": torch.empty(0, 3), "list": [], "dict": {}},
    "$odd": {"$tensor": "a text, not a tensor"},
}


def equal(a: object, b: object) -> bool:
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    save_checkpoint(CHECKPOINT, tmp_path / "x.ckpt")
    assert equal(load_checkpoint(tmp_path / "x.ckpt"), CHECKPOINT)


def test_same_content_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_checkpoint(CHECKPOINT, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("seed", range(20))
def test_a_file_cut_short_is_noticed(tmp_path: Path, seed: int) -> None:
    save_checkpoint(CHECKPOINT, tmp_path / "x.ckpt")
    whole = (tmp_path / "x.ckpt").read_bytes()
    (tmp_path / "x.ckpt").write_bytes(whole[: random.Random(seed).randrange(len(whole))])
    with pytest.raises(TrainingError):
        load_checkpoint(tmp_path / "x.ckpt")


@pytest.mark.parametrize("seed", range(50))
def test_a_flipped_byte_is_noticed(tmp_path: Path, seed: int) -> None:
    save_checkpoint(CHECKPOINT, tmp_path / "x.ckpt")
    data = bytearray((tmp_path / "x.ckpt").read_bytes())
    place = random.Random(seed).randrange(len(data))
    data[place] ^= 0xFF
    (tmp_path / "x.ckpt").write_bytes(data)
    with pytest.raises(TrainingError):
        load_checkpoint(tmp_path / "x.ckpt")


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    torch.save({"state_dict": {}}, tmp_path / "x.ckpt")
    with pytest.raises(TrainingError, match="not a readable"):
        load_checkpoint(tmp_path / "x.ckpt")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"no\.ckpt"):
        load_checkpoint(tmp_path / "no.ckpt")


def test_what_json_cannot_say_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="object"):
        save_checkpoint({"x": object()}, tmp_path / "x.ckpt")
    assert not (tmp_path / "x.ckpt").exists()
