"""Names and files lead to denoisers."""

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from degrain.denoisers.zoo import list_models, open_denoiser
from degrain.errors import ModelError


def test_a_file_by_its_suffix(network, tmp_path):
    path = tmp_path / "Mine.ONNX"
    path.write_bytes(network)
    assert open_denoiser(path).spec.name == "handmade"
    assert open_denoiser(str(path), threads=1).spec.name == "handmade"


@pytest.mark.parametrize(("name", "close"), [("nlmm", "did you mean nlm"), ("Wavelets", "did you mean wavelet")])
def test_unknown_names_are_answered_with_the_known(name, close):
    with pytest.raises(ModelError, match="nlm, tv, wavelet") as caught:
        open_denoiser(name)
    assert close in caught.value.hint


def test_a_suffix_nobody_knows():
    with pytest.raises(ModelError, match=r"no denoiser is called model\.pth") as caught:
        open_denoiser("model.pth")
    assert ".onnx" in caught.value.hint


def test_a_model_laid_into_the_folder_has_a_name(network, tmp_path, monkeypatch):
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "own.onnx").write_bytes(network)
    monkeypatch.setattr("degrain.denoisers.zoo.files", lambda package: tmp_path)
    first = next(list_models())
    assert (first.name, first.kind, first.spec.card) == ("own", "network", {"made": "in a test"})
    assert open_denoiser("own").spec == first.spec


def test_every_model_is_listed_with_what_matters():
    for listing in list_models():
        assert listing.spec.name == listing.name
        assert listing.spec.card["licence"]


def test_listing_imports_nothing_heavy():
    script = (
        "import sys; from degrain.denoisers.zoo import list_models; list(list_models());"
        "print({'skimage', 'scipy', 'onnxruntime', 'torch', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_folder_of_a_run_stands_for_its_model(model_file, tmp_path):
    run = tmp_path / "runs" / "mine"
    run.mkdir(parents=True)
    (run / "model.onnx").write_bytes(model_file.read_bytes())
    assert open_denoiser(run).spec == open_denoiser(model_file).spec


def test_a_denoiser_travels_to_another_process(model_file):
    tiles, level = np.random.default_rng(0).random((1, 3, 32, 32), np.float32), np.zeros((1, 1, 32, 32), np.float32)
    for name in ("small", model_file):
        denoiser = open_denoiser(name, threads=1)
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            answer = pool.submit(denoiser, tiles, level).result()
        np.testing.assert_array_equal(answer, denoiser(tiles, level))


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_names_that_no_file_can_have_are_unknown(name):
    with pytest.raises(ModelError, match="no denoiser is called"):
        open_denoiser(name)


@pytest.mark.parametrize("name", [None, 5, b"small", ""])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ModelError, match="a name or the path of a file"):
        open_denoiser(name)
