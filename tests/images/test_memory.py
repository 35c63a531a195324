"""A large picture is held once as it came and once as it goes, with little beside."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from degrain.images.picture import Picture
from degrain.images.write import write

CODE = """
import pathlib, re, sys
from degrain.images.read import read
from degrain.images.write import write
from degrain.images import bmp, jpeg, npy, png, tiff

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) * 1024

idle = peak()
picture = read(sys.argv[1])
new = picture.samples[::-1].copy()
write(picture.with_samples(new), sys.argv[2])
print((peak() - idle) / new.nbytes)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize(("suffix", "pictures"), [(".png", 3.2), (".tif", 3.6), (".jpg", 4.2), (".npy", 2.4)])
def test_peak_of_a_round_trip(tmp_path, suffix, pictures):
    """Counted in pictures: two are the samples in and out; Pillow holds a third one with four bytes a pixel."""
    array = np.broadcast_to(np.arange(3600, dtype=np.uint16)[:, None] // 15, (3600, 3600)).astype(np.uint8)
    write(Picture.of_array(np.dstack([array, array.T, array])), tmp_path / f"in{suffix}")
    command = [sys.executable, "-c", CODE, str(tmp_path / f"in{suffix}"), str(tmp_path / f"out{suffix}")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 1.9 < float(run.stdout) < pictures
