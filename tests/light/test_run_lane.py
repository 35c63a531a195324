"""What a plain install must do without: torch and its kin are neither needed nor imported."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from degrain.cli.main import COMMANDS

HEAVY = {"torch", "lightning", "hydra", "omegaconf", "skimage", "matplotlib", "scipy"}
PROBE = """
import json, sys
if len(sys.argv) == 1:
    import degrain
else:
    from degrain.cli.main import main
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, stop.code
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def imported(*arguments: object) -> set[str]:
    """Top-level packages that a process has after a command; after ``import degrain`` when there is none."""
    command = [sys.executable, "-c", PROBE, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [(), *((name, "--help") for name in COMMANDS), ("models",), ("--version",)])
def test_nothing_heavy_is_imported(arguments):
    assert not imported(*arguments) & {*HEAVY, "onnxruntime"}


def test_help_imports_next_to_nothing():
    """This is what keeps it fast."""
    assert not imported("--help") & {*HEAVY, "numpy", "onnxruntime", "PIL", "tifffile", "imagecodecs", "rich"}


def test_a_picture_is_cleaned_without_torch(save_noisy, tmp_path, model_file):
    photo = save_noisy(tmp_path / "photo.png")
    packages = imported("denoise", photo, "-m", model_file)
    assert photo.with_suffix(".denoised.png").exists()
    assert not packages & {*HEAVY, "onnx"}
    assert "onnxruntime" in packages


def test_a_picture_is_spoilt_without_torch(save_noisy, tmp_path):
    noises = "mottle+correlated+jpeg+salt_and_pepper+quantise"
    photo = save_noisy(tmp_path / "photo.png")
    assert not imported("noise", photo, "-o", tmp_path / "noisy.png", "--noise", noises) & {*HEAVY, "onnxruntime"}


def test_the_plain_install_names_nothing_heavy():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^\w.-]", dependency, maxsplit=1)[0].lower() for dependency in project["dependencies"]}
    assert {"numpy", "onnxruntime", "click"} <= names
    assert not names & {*HEAVY, "scikit-image", "hydra-core", "onnx", "pytorch-lightning"}
