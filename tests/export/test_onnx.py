"""What training wrote, as a file that runs without torch."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from degrain.denoisers.zoo import open_denoiser
from degrain.errors import ModelError, StorageError
from degrain.export.checkpoint import save_checkpoint
from degrain.export.onnx import export_onnx
from degrain.images.picture import Picture
from degrain.inference.engine import Engine
from degrain.models.catalog import build
from degrain.noise.level import NoiseLevel

SETTINGS = {"widths": [8, 8, 16], "blocks": [1, 1, 1]}


def write_checkpoint(
    path: Path, spoil: float = 1.0, network: str = "bias_free_unet", settings: dict[str, Any] = SETTINGS
) -> Path:
    torch.manual_seed(0)
    net = build(network, settings)
    weights = {f"by_planes.net.{name}": spoil * value for name, value in net.state_dict().items()}
    recipe = {"name": "mine", "network": network, "settings": settings, "card": {"data": "none"}}
    save_checkpoint({"recipe": recipe, "state_dict": weights, "global_step": 7}, path)
    return path


def test_checkpoint_and_export_denoise_alike(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "last.ckpt")
    assert export_onnx(checkpoint, tmp_path / "mine.onnx") < 1e-5
    picture = Picture.of_array(np.random.default_rng(0).random((37, 51, 3), dtype=np.float32))
    results = [
        Engine(open_denoiser(path, threads=1)).denoise(picture, NoiseLevel(25)).samples
        for path in (checkpoint, tmp_path / "mine.onnx")
    ]
    np.testing.assert_allclose(*results, atol=1e-5)
    assert np.abs(results[0] - picture.samples).max() > 0.01  # both did something


BLIND = {  # networks that want no level; the last two take one size
    "dncnn": {"depth": 3, "width": 8},
    "vit": {"channels": 1, "side": 16, "dim": 16, "depth": 1, "heads": 2, "mlp": 16, "stem": [4, 8]},
    "xray_autoencoder": {"widths": [4, 4], "pool": 4, "side": 16},
}


@pytest.mark.parametrize("network", BLIND)
def test_a_network_without_level_is_the_same_before_and_after_export(tmp_path: Path, network: str) -> None:
    checkpoint = write_checkpoint(tmp_path / "last.ckpt", network=network, settings=BLIND[network])
    export_onnx(checkpoint, tmp_path / "mine.onnx")
    trained, exported = (open_denoiser(path, threads=1) for path in (checkpoint, tmp_path / "mine.onnx"))
    assert trained.spec == exported.spec
    assert not exported.spec.wants_level
    tiles, level = np.random.default_rng(0).random((3, 1, 16, 16), np.float32), np.zeros((3, 1, 16, 16), np.float32)
    np.testing.assert_allclose(trained(tiles, level), exported(tiles, level), atol=1e-5)


def test_only_the_batch_is_free_where_the_size_is_not(tmp_path: Path) -> None:
    export_onnx(write_checkpoint(tmp_path / "last.ckpt", network="vit", settings=BLIND["vit"]), tmp_path / "mine.onnx")
    exported = open_denoiser(tmp_path / "mine.onnx", threads=1)
    with pytest.raises(ModelError, match="mine failed"):
        exported(np.zeros((1, 1, 32, 32), np.float32), np.zeros((1, 1, 32, 32), np.float32))


def test_the_file_carries_spec_and_card(tmp_path: Path) -> None:
    export_onnx(write_checkpoint(tmp_path / "last.ckpt"), tmp_path / "mine.onnx", card={"commit": "abc"})
    spec = open_denoiser(tmp_path / "mine.onnx").spec
    assert (spec.name, spec.width, spec.input.multiple_of, spec.wants_level) == ("mine", 4, 8, True)
    assert spec.planes == {3: (0, 1, 2), 1: (3,)}
    assert spec.card == {"data": "none", "steps": 7, "commit": "abc"}


@pytest.mark.parametrize("network", ["bias_free_unet", "vit"])
def test_the_file_tells_nothing_of_the_machine_that_made_it(tmp_path: Path, network: str) -> None:
    """The exporter notes a stack trace at every node: paths of somebody's home."""
    checkpoint = write_checkpoint(tmp_path / "last.ckpt", network=network, settings=BLIND.get(network, SETTINGS))
    export_onnx(checkpoint, tmp_path / "mine.onnx")
    content = (tmp_path / "mine.onnx").read_bytes()
    for told in (str(Path(torch.__file__).parent), str(Path(__file__).parents[2]), "stack_trace", ".py"):
        assert told.encode() not in content


def test_half_the_file_does_nearly_the_same(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "last.ckpt", settings={"widths": [32, 32], "blocks": [1, 2]})
    whole, half = tmp_path / "whole.onnx", tmp_path / "half.onnx"
    export_onnx(checkpoint, whole)
    assert export_onnx(checkpoint, half, half=True) < 1e-5
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    picture = Picture.of_array(np.random.default_rng(0).random((32, 32, 3), dtype=np.float32))
    one, other = (Engine(open_denoiser(path, threads=1)).denoise(picture).samples for path in (whole, half))
    assert 0 < np.abs(one - other).max() < 0.003


def test_a_network_that_gives_nan_is_refused(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "last.ckpt", spoil=float("nan"))
    with pytest.raises(ModelError, match="differs from torch"):
        export_onnx(checkpoint, tmp_path / "mine.onnx")
    assert not (tmp_path / "mine.onnx").exists()


def test_a_difference_above_the_tolerance_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("degrain.export.onnx.TOLERANCE", 1e-12)
    with pytest.raises(ModelError, match="limit 1e-12"):
        export_onnx(write_checkpoint(tmp_path / "last.ckpt"), tmp_path / "mine.onnx")
    assert not (tmp_path / "mine.onnx").exists()


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(b"precious")
    with pytest.raises(StorageError, match="exists"):
        export_onnx(write_checkpoint(tmp_path / "last.ckpt"), tmp_path / "mine.onnx")
    assert (tmp_path / "mine.onnx").read_bytes() == b"precious"
