"""The check for test pictures among training pictures, on a few small ones."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SCRIPT = Path(__file__).parents[2] / "benchmarks/overlap.py"


def save(path: Path, seed: int) -> Path:
    """Blobs of every size, as photographs have them."""
    rng, gray = np.random.default_rng(seed), np.full((160, 200), 128.0)
    for cells in (5, 10, 20, 40):
        coarse = Image.fromarray(rng.normal(0, 90 / cells**0.5, (cells, cells)).astype(np.float32))
        gray += np.asarray(coarse.resize((200, 160), Image.Resampling.BICUBIC))
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.clip(gray, 0, 255).astype(np.uint8)).convert("RGB").save(path)
    return path


@pytest.fixture
def folders(tmp_path) -> list[Path]:
    """Four pictures to train on and two others to test with."""
    for seed in range(6):
        save(tmp_path / ("trained" if seed < 4 else "tests") / f"{seed}.png", seed)
    return [tmp_path / "trained", tmp_path / "tests"]


def overlap(trained: Path, tests: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPT, "--only", trained, "--tests", tests]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_strangers_pass(folders):
    ran = overlap(*folders)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "4 training pictures" in ran.stdout
    assert "2 test pictures" in ran.stdout


def test_a_copy_mirrored_turned_scaled_and_recompressed_does_not(folders):
    trained, tests = folders
    copy = Image.open(tests / "5.png").transpose(Image.Transpose.TRANSVERSE).resize((90, 112))
    copy.save(trained / "copy.jpg", quality=40)
    ran = overlap(trained, tests)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "5.png, copy.jpg" in ran.stdout


def test_nothing_to_compare_is_said(tmp_path):
    ran = subprocess.run(
        [sys.executable, SCRIPT, "--only"], capture_output=True, text=True, env={"DEGRAIN_DATA": str(tmp_path)}
    )
    assert ran.returncode == 2
    assert "nothing to compare" in ran.stderr
