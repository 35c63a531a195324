"""Every notebook runs from top to bottom in a real kernel, with a few steps of training in place of thousands."""

import os
from pathlib import Path

import nbformat
import pytest

nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("lightning")
pytest.importorskip("skimage")

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
DATA = os.environ.get("DEGRAIN_DATA", "/nowhere")


@pytest.mark.data
@pytest.mark.skipif(not Path(DATA, "domains").is_dir(), reason="needs pictures: DEGRAIN_DATA")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_shows_pictures(
    path: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEGRAIN_CHANGES", "trainer.max_steps=2")
    monkeypatch.setenv("DEGRAIN_PICTURES", "1")
    monkeypatch.setenv("DEGRAIN_DATA", str(Path(DATA).resolve()))
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    book = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [output.get("data", {}).keys() & {"image/png", "image/jpeg"} for output in outputs]
    assert sum(map(len, shown)) >= 2
    assert any("psnr" in output.get("text", "").lower() for output in outputs)


def test_there_is_one_for_every_experiment() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "chest_xray", "cifar10_autoencoder", "histology_vit", "noise2noise_resunet", "photos_unet"
    ]  # fmt: skip
