"""Whatever bytes come: a picture or one UnreadableImage that names the file; nothing printed, nothing allocated."""

import io
import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from degrain.errors import UnreadableImage
from degrain.images.read import read

RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (40, 60, 3), dtype=np.uint8)


def pillow(name: str, *, colours: int | None = None, **options: object) -> bytes:
    image = Image.fromarray(NOISE)
    (image.quantize(colours) if colours else image).save(file := io.BytesIO(), name, **options)
    return file.getvalue()


def tiff(array: np.ndarray = NOISE, **options: object) -> bytes:
    tifffile.imwrite(file := io.BytesIO(), array, **({"metadata": None} | options))
    return file.getvalue()


def npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    np.save(file := io.BytesIO(), array, allow_pickle=allow_pickle)
    return file.getvalue()


def exif() -> Image.Exif:
    block = Image.Exif()
    block[0x0112], block[0x010F] = 6, "maker"
    return block


GOOD = {
    "png": pillow("PNG", exif=exif()),
    "png-palette": pillow("PNG", colours=20),
    "jpeg": pillow("JPEG", exif=exif()),
    "jpeg-progressive": pillow("JPEG", progressive=True),
    "webp": pillow("WEBP", exif=exif()),
    "webp-lossless": pillow("WEBP", lossless=True),
    "bmp": pillow("BMP"),
    "tiff": tiff(photometric="rgb"),
    "tiff-lzw-tiles": tiff(photometric="rgb", compression="lzw", tile=(16, 16), predictor=True),
    "tiff-zip": tiff(photometric="rgb", compression="zlib"),
    "tiff-jpeg": tiff(photometric="rgb", compression="jpeg"),
    "npy": npy(NOISE),
}  # fmt: skip
STRICT = set(GOOD) - {"jpeg", "jpeg-progressive"}  # formats where a missing end must be noticed


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, data: bytes = b"\0" * 64, depth: int = 8, colour: int = 2, extra: bytes = b""
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def bmp(width: int, height: int, bits: int = 24, compression: int = 0) -> bytes:
    return struct.pack("<2sIIIIiiHHIIiiII", b"BM", 54, 0, 54, 40, width, height, 1, bits, compression, 0, 0, 0, 0, 0)


def jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(GOOD["jpeg"])
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_of(width: int, height: int) -> bytes:
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8L" + struct.pack(
        "<IBIB", 6, 0x2F, (width - 1) | (height - 1) << 14, 0
    )  # fmt: skip


def npy_header(text: str, data: bytes = b"") -> bytes:
    header = text.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


def tiff_with(code: int, value: int, **options: object) -> bytes:
    """A TIFF with one tag of its directory changed."""
    data = io.BytesIO(tiff(photometric="rgb", **options))
    with tifffile.TiffFile(data) as file:
        file.pages[0].tags[code].overwrite(value)
        return data.getvalue()


def raw() -> bytes:
    """As DNG and its kind: a small preview first, the picture itself in a directory below."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(NOISE[::4, ::4], subifds=1, subfiletype=1)
        writer.write(NOISE)
    return file.getvalue()


def animated(name: str) -> bytes:
    frames = [Image.fromarray(np.roll(NOISE, shift, 0)) for shift in range(3)]
    frames[0].save(file := io.BytesIO(), name, save_all=True, append_images=frames[1:])
    return file.getvalue()


NO_DATA = [(42113, 2, 0, str(NOISE[3, 4, 0]), True)]
REFUSED = {
    "tiff of two measured channels": tiff(NOISE[..., :2], photometric="minisblack", planarconfig="contig"),
    "tiff with heights that are no data": tiff(np.float32(NOISE[..., 0]), extratags=NO_DATA),
    "tiff with whole numbers that are no data": tiff(NOISE[..., 0], extratags=NO_DATA),
    "empty": b"",
    "one byte": b"\x89",
    "text": b"hello, this is no picture\n" * 9,
    "zeros": bytes(4096),
    "noise": RNG.integers(0, 256, 5000, dtype=np.uint8).tobytes(),
    "gif": pillow("GIF"),
    "pdf": b"%PDF-1.7\n" + bytes(99),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "psd": b"8BPS\0\1" + bytes(99),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "ppm": pillow("PPM"),
    "ico": pillow("ICO"),
    "pickle": b"\x80\x04\x95" + bytes(50),
    "dicom": bytes(128) + b"DICM" + bytes(99),
    "png signature alone": b"\x89PNG\r\n\x1a\n",
    "png bomb 1.2 Gpx": png(40_000, 30_000),
    "png lie 100 Mpx": png(10_000, 10_000),
    "png 0 wide": png(0, 5),
    "png huge chunk": b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 2**31 - 1, b"IHDR") + bytes(40),
    "png too few rows": png(50, 50, bytes(151 * 20)),
    "png bad depth": png(4, 4, depth=7),
    "png bad colour": png(4, 4, colour=5),
    "png palette missing": png(4, 4, bytes(20), colour=3),
    "png bad zlib": png(4, 4).replace(zlib.compress(b"\0" * 64), b"x" * len(zlib.compress(b"\0" * 64))),
    "apng": animated("PNG"),
    "animated webp": animated("WEBP"),
    "two-page tiff": animated("TIFF"),
    "imagej stack": tiff(np.zeros((3, 9, 9), np.uint8), imagej=True, metadata={"axes": "ZYX"}),
    "jpeg bomb": jpeg_of(65_500, 65_500),
    "jpeg 0 high": jpeg_of(50, 0),
    "jpeg header alone": b"\xff\xd8\xff\xe0",
    "jpeg without scan": GOOD["jpeg"][: GOOD["jpeg"].index(b"\xff\xda")],
    "multi-picture": animated("MPO"),
    "webp bomb": webp_of(16_383, 16_383),
    "webp lie": webp_of(9_000, 9_000),
    "webp of sound": b"RIFF" + struct.pack("<I", 16) + b"WEBPJUNK" + struct.pack("<I", 4) + b"abcd",
    "bmp bomb": bmp(60_000, 60_000),
    "bmp lie": bmp(9_000, 9_000),
    "bmp negative": bmp(-5, 5),
    "bmp 0": bmp(0, 0),
    "bmp odd bits": bmp(5, 5, bits=13),
    "tiff bomb": tiff_with(256, 4_000_000),
    "tiff lie": tiff_with(257, 3_000_000),
    "tiff samples": tiff_with(277, 65_535),
    "tiff strange photometric": tiff_with(262, 32_844),
    "tiff strange compression": tiff_with(259, 34_676),
    "tiff huge tiles": tiff_with(322, 2**31 - 16, tile=(16, 16)),
    "tiff strip outside": tiff_with(273, 2**31),
    "tiff no directory": b"II*\0\0\0\0\0",
    "tiff directory outside": b"II*\0\xff\xff\xff\x7f",
    "tiff directory loop": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "camera raw": raw(),
    "tiff int32": tiff(np.zeros((4, 4), np.int32)),
    "tiff complex": tiff(np.zeros((4, 4), np.complex64)),
    "tiff five channels": tiff(np.zeros((4, 4, 5), np.uint8), photometric="minisblack", planarconfig="contig"),
    "tiff volume": tiff(np.zeros((16, 32, 32), np.uint8), volumetric=True, tile=(16, 16, 16)),
    "npy pickle": npy(np.array([{"a": 1}], dtype=object), allow_pickle=True),
    "npy 0-d": npy(np.float32(3)),
    "npy 1-d": npy(np.zeros(9)),
    "npy stack": npy(np.zeros((3, 20, 20), np.uint8)),
    "npy 4-d": npy(np.zeros((2, 5, 5, 3), np.uint8)),
    "npy empty": npy(np.zeros((0, 5), np.uint8)),
    "npy complex": npy(np.zeros((5, 5), complex)),
    "npy text": npy(np.array([["a", "b"]])),
    "npy uint32": npy(np.zeros((5, 5), np.uint32)),
    "npy records": npy(np.zeros((5, 5), [("r", "u1"), ("g", "u1")])),
    "npy lie": npy_header("{'descr': '|u1', 'fortran_order': False, 'shape': (9000, 9000), }", bytes(50)),
    "npy bomb": npy_header("{'descr': '|u1', 'fortran_order': False, 'shape': (900000, 900000), }", bytes(50)),
    "npy negative": npy_header("{'descr': '|u1', 'fortran_order': False, 'shape': (-9, -9), }", bytes(99)),
    "npy code": npy_header("{'descr': '|u1', 'shape': __import__('os').getpid()}", bytes(99)),
}  # fmt: skip


def survives(data: bytes) -> bool:
    """Whether it is read; any error but UnreadableImage fails the test."""
    try:
        return read(data).samples.size > 0
    except UnreadableImage as error:
        message = str(error)
    assert message.startswith("input: ")
    assert "\n" not in message
    return False


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, tmp_path):
    (path := tmp_path / "photo.png").write_bytes(REFUSED[name])
    with pytest.raises(UnreadableImage) as refusal:
        read(path)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", GOOD)
def test_good_ones_are_good(name):
    assert survives(GOOD[name])


@pytest.mark.parametrize("part", [0.02, 0.1, 0.3, 0.5, 0.8, 0.95, 0.995])
@pytest.mark.parametrize("name", GOOD)
def test_truncated(name, part):
    read_anyway = survives(GOOD[name][: int(len(GOOD[name]) * part)])
    assert not (read_anyway and name in STRICT)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("name", GOOD)
def test_flipped_bits(name, seed):
    """Half of the hits land in the first 300 bytes, where the headers are."""
    rng, data = np.random.default_rng(seed), bytearray(GOOD[name])
    for _ in range(1 + seed % 5):
        place = rng.integers(min(300, len(data)) if rng.random() < 0.5 else len(data))
        data[place] ^= 1 << rng.integers(8)
    survives(bytes(data))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", GOOD)
def test_spliced(name, seed):
    """The head of one file, the tail of another; and a length field blown up."""
    rng, data = np.random.default_rng(seed), GOOD[name]
    other = GOOD[sorted(GOOD)[seed % len(GOOD)]]
    survives(data[: rng.integers(8, len(data))] + other[rng.integers(len(other)) :])
    place = rng.integers(8, min(400, len(data) - 4))
    survives(data[:place] + b"\xff\xff\xff\x7f" + data[place + 4 :])


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bits_of_png_with_checksums_mended(seed):
    """Damage that the checksum cannot tell reaches libpng itself."""
    rng, data, out, position = np.random.default_rng(seed), GOOD["png-palette"], GOOD["png"][:8], 8
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        content = bytearray(data[position + 8 : position + 8 + length])
        if content and rng.random() < 0.6:
            content[rng.integers(len(content))] ^= 1 << rng.integers(8)
        out += chunk(kind, bytes(content))
        position += 12 + length
    survives(out)


def test_the_limit_is_named_and_can_be_raised():
    data = pillow("PNG")
    with pytest.raises(UnreadableImage, match=r"60 x 40 = 0.0 megapixels, more than the limit") as refusal:
        read(data, max_pixels=2399)
    assert "max_pixels" in refusal.value.hint
    assert read(data, max_pixels=2400).width == 60


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_of_any_kind(kind):
    assert read(kind(pillow("PNG"))).width == 60


def test_what_is_neither_path_nor_bytes():
    with pytest.raises(UnreadableImage, match="got int"):
        read(7)


def test_what_follows_a_webp_is_none_of_it():
    assert read(GOOD["webp"] + b"left by an editor").width == read(GOOD["webp"]).width


def test_pillows_own_limit_does_not_matter(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    for data in GOOD.values():
        assert survives(data)


def read_all(folder: Path, then: str = "") -> subprocess.CompletedProcess[str]:
    """All of them, whole and cut short, in a process of its own."""
    for number, data in enumerate([*REFUSED.values(), *GOOD.values()]):
        (folder / f"{number}").write_bytes(data)
        (folder / f"{number}.cut").write_bytes(data[: len(data) * 2 // 3])
    code = (
        "import pathlib, sys; from degrain.images.read import read, UnreadableImage\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    try: read(path)\n"
        f"    except UnreadableImage: pass\n{then}"
    )
    command = [sys.executable, "-W", "default", "-c", code, folder]
    return subprocess.run(command, capture_output=True, text=True, check=True)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process alone")
def test_bombs_cost_nothing(tmp_path):
    """All of them together stay far below one decoded bomb."""
    run = read_all(tmp_path, then="print(pathlib.Path('/proc/self/status').read_text())")
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", run.stdout)[1])
    assert peak < 200_000


def test_nothing_is_printed(tmp_path):
    """Decoders print through C, through logging and through warnings."""
    run = read_all(tmp_path)
    assert (run.stdout, run.stderr) == ("", "")


def test_missing(tmp_path):
    with pytest.raises(UnreadableImage, match=r"gone\.png: No such file"):
        read(tmp_path / "gone.png")


def test_folder(tmp_path):
    with pytest.raises(UnreadableImage, match="directory"):
        read(tmp_path)


def test_dangling_link(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    with pytest.raises(UnreadableImage, match="No such file"):
        read(tmp_path / "a.png")


def test_link_to_itself(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(UnreadableImage):
        read(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a\0b.png", "x" * 300 + ".png"])
def test_impossible_names(name):
    with pytest.raises(UnreadableImage):
        read(name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_pipe_does_not_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(UnreadableImage, match="not a regular file"):
        read(tmp_path / "pipe.png")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no /dev/zero")
def test_device():
    with pytest.raises(UnreadableImage, match="not a regular file"):
        read("/dev/zero")


def test_too_large_a_file(tmp_path):
    with (tmp_path / "big.png").open("wb") as file:
        file.write(GOOD["png"])
        file.truncate(3_000_000_000)  # sparse
    with pytest.raises(UnreadableImage, match=r"3\.0 GB, more than the limit of 2 GB"):
        read(tmp_path / "big.png")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work otherwise here")
def test_no_permission(tmp_path):
    (path := tmp_path / "a.png").write_bytes(GOOD["png"])
    path.chmod(0)
    tmp_path.chmod(0o755)
    code = (
        "import os, sys; from degrain.images.read import read\n"
        "os.chdir(sys.argv[1])\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: read('a.png')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    run = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert run.stdout == "UnreadableImage a.png: Permission denied\n"


@pytest.mark.parametrize("value", ["-9999", "nan", "none", "", "255.5"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_value_for_no_data_that_no_pixel_has_is_no_fault(value, dtype):
    for tag in [(42113, 2, 0, value, True), (42113, 3, 2, (255, 255), True)]:  # the other one breaks the rules
        assert read(tiff(NOISE.clip(0, 254).astype(dtype), photometric="rgb", extratags=[tag])).width == 60


def test_no_data_is_counted_and_named():
    array = np.full((20, 30), 300.0, np.float32)
    array[4:7, 5:9] = -9999
    with pytest.raises(UnreadableImage, match="12 pixels are NoData, -9999") as refusal:
        read(tiff(array, extratags=[(42113, 2, 0, "-9999", True)]))
    assert "fill" in refusal.value.hint
