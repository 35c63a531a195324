"""The table of real noise, on pairs whose noise is known."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SCRIPT = Path(__file__).parents[2] / "benchmarks/real_noise.py"


@pytest.fixture
def pairs(tmp_path) -> Path:
    """A ramp, captured twice under sigma 10, and once with a speck of dust in place of noise."""
    ramp = np.broadcast_to(np.linspace(60, 190, 64), (64, 64))
    for side in ("clean", "noisy"):
        (tmp_path / "ramps" / side).mkdir(parents=True)
    for seed, (name, sigma) in enumerate((("a", None), ("b", None), ("a_1", 10), ("a_2", 10), ("b", 0))):
        spoilt = ramp + np.random.default_rng(seed).normal(0, sigma or 0, ramp.shape)
        side = "clean" if sigma is None else "noisy"
        spoilt[30, 30] -= 40 * (sigma == 0)
        Image.fromarray(np.rint(spoilt).astype(np.uint8)).save(tmp_path / "ramps" / side / f"{name}.png")
    return tmp_path / "ramps"


def table(*arguments) -> dict[str, list[str]]:
    """Cells by model."""
    command = [sys.executable, "-W", "ignore", str(SCRIPT), *map(str, arguments)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {cells[1]: cells for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in answer[2:])}


def test_gains_and_harm_against_doing_nothing(pairs):
    rows = table("-m", "small=10", "-m", "small", pairs)
    assert list(rows) == ["as it came", "small=10", "small"]
    assert rows["as it came"][-3:] == ["+0.00", "+0.00", "0%"]
    assert float(rows["small=10"][2]) == 10
    assert float(rows["small=10"][5]) > 1  # most of the noise goes
    assert rows["small"][6] == "+0.00"  # where no noise is found, nothing is done


def test_all_that_is_compared_goes_through_the_jpeg(pairs):
    whole, fine, coarse = (table("-m", "small=10", *more, pairs) for more in ([], ["--jpeg", 100], ["--jpeg", 5]))
    for name in whole:
        assert float(fine[name][3]) == pytest.approx(float(whole[name][3]), abs=0.5)
        assert float(coarse[name][3]) < float(whole[name][3]) - 1  # blocks on the ramp
