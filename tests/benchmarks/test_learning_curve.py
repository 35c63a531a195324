"""The table of how a run learnt, from what its log holds."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks/learning_curve.py"


def table(run: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), str(run), *arguments], capture_output=True, text=True)


def test_validations_evenly_spread_and_the_last(tmp_path):
    rows = ["step,name,value", "49,loss,-7.5"]
    for step in range(9, 100, 10):
        rows += [f"{step},psnr_rgb_15,{step / 10}", f"{step},psnr_rgb_15_blind,1", f"{step},psnr_rgb_50,20"]
        rows += [f'{step},"psnr_gray_poisson_gaussian:peak=30,sigma=5",30'] * (step > 50)
    (tmp_path / "metrics.csv").write_text("\n".join(rows))
    head, _, *lines = table(tmp_path, "--rows", "4").stdout.splitlines()
    assert head == "| step | colour, sigma 15/50 | gray, poisson_gaussian:peak=30,sigma=5 |"
    assert lines == [
        "| 10 | 0.90/20.00 | - |",
        "| 40 | 3.90/20.00 | - |",
        "| 70 | 6.90/20.00 | 30.00 |",
        "| 100 | 9.90/20.00 | 30.00 |",
    ]


def test_a_run_without_validations_is_refused(tmp_path):
    (tmp_path / "metrics.csv").write_text("step,name,value\n")
    done = table(tmp_path)
    assert done.returncode
    assert "no validation" in done.stderr
