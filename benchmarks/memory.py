"""Peak memory of `degrain denoise` on a large picture: python benchmarks/memory.py [--megapixels 10 100]

Each picture is an 8-bit RGB PNG of clouds with noise; the command runs in a process of its own, whose largest resident
set is read when it ends. Prints a Markdown table.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image


def picture(megapixels: int) -> Image.Image:
    """Clouds with noise of sigma 25, 4:3, 8-bit RGB."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(megapixels * 1e6 / height)
    rng = np.random.default_rng(0)
    clouds = Image.fromarray(rng.integers(40, 216, (12, 16, 3), dtype=np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    samples = np.asarray(clouds).copy()
    for row in samples:  # a row at a time: this process must stay small too
        row[...] = np.clip(row + 25 * rng.standard_normal(row.shape, dtype=np.float32), 0, 255)
    return Image.fromarray(samples)


def measure(megapixels: int, model: str, folder: Path) -> tuple[float, float]:
    """Peak resident GB of cleaning one picture, and seconds."""
    source, target = folder / "noisy.png", folder / "clean.png"
    picture(megapixels).save(source, compress_level=1)
    began = time.perf_counter()
    command = [sys.executable, "-m", "degrain", "denoise", str(source), "-o", str(target), "-m", model, "--overwrite"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)  # it would wait again otherwise
    if process.returncode:
        raise SystemExit(f"degrain denoise -m {model} failed on {megapixels} megapixels")
    return usage.ru_maxrss / 1e6, seconds


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--model", default="small")
    args = parser.parse_args()
    print("| megapixels | peak resident GB | seconds, file to file |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for megapixels in args.megapixels:
            peak, seconds = measure(megapixels, args.model, Path(folder))
            print(f"| {megapixels} | {peak:.2f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
