"""What a plain install costs, as a Markdown table: python benchmarks/install.py

Makes a fresh environment, installs this folder with pip, and measures it: bytes on disk without pip and setuptools,
whether torch came along, and how long ``degrain --help`` takes.
"""

import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
INSTALLERS = ("pip", "setuptools")
RUNS = 5


def main() -> None:
    """Install, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = installed(Path(folder))
        packages = next(Path(folder).rglob("site-packages"))
        size = sum(path.stat().st_size for path in files(packages)) / 1e6
        torch = "there" if (packages / "torch").exists() else "not there"
        seconds = median(start_up(scripts / "degrain") for _ in range(RUNS))
    print("| plain install | |")
    print("|---|---|")
    print(f"| size | {size:.0f} MB |")
    print(f"| torch | {torch} |")
    print(f"| `degrain --help`, median of {RUNS} | {seconds:.2f} s |")


def installed(folder: Path) -> Path:
    """A fresh environment with degrain in it; the folder of its commands."""
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", ROOT], check=True)
    return scripts


def files(packages: Path) -> list[Path]:
    """All that was installed, without what installed it."""
    folders = (path for path in packages.iterdir() if path.name.partition("-")[0] not in INSTALLERS)
    return [file for path in folders for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]


def start_up(command: Path) -> float:
    """Seconds that ``degrain --help`` takes."""
    began = time.perf_counter()
    subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
