"""Names and files lead to denoisers."""

import subprocess
import sys

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
