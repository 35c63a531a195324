"""Every format and mode: what is read is what an independent reader shows, and it goes back as it came."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import tifffile
from PIL import Image

from degrain.errors import UnwritableImage
from degrain.images.formats import FORMATS, SUFFIXES
from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.images.write import encode, write

H, W = 21, 34


def pixels(*channels: int, dtype: str = "uint8", seed: int = 1) -> np.ndarray:
    """(H, W[, C]) random samples over the whole range of their type; floats leave 0..1."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.normal(0.5, 3, (H, W, *channels)).astype(dtype)
    if dtype == "bool":
        return rng.random((H, W, *channels)) < 0.5
    limits = np.iinfo(dtype)
    return rng.integers(
        limits.min, limits.max, (H, W, *channels), limits.dtype.newbyteorder("="), endpoint=True
    ).astype(dtype)


class Case(NamedTuple):
    """A file made by another hand, and the array it must be read as; None: as Pillow shows it in that mode."""

    suffix: str
    data: bytes
    shown: np.ndarray


# --- makers ----------------------------------------------------------------------------------------------------------


def png_by_hand(array: np.ndarray, *, extra: bytes = b"") -> bytes:
    """Filter 0, one IDAT."""
    channels = 1 if array.ndim == 2 else array.shape[2]
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = array.astype(array.dtype.newbyteorder(">")).reshape(len(array), -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", array.shape[1], len(array), 8 * array.itemsize, colour, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(raw)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pillow(image: Image.Image, name: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def tiff(array: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, **({"metadata": None} | options))
    return file.getvalue()


def motorola_12bit(array: np.ndarray) -> bytes:
    """A gray TIFF of 12 bit, high bytes first, by the book (TIFF 6.0, sections 2 and 3)."""
    rows = (np.unpackbits(row.astype(">u2").view(np.uint8)).reshape(-1, 16)[:, 4:].ravel() for row in array)
    strip = b"".join(np.packbits(row).tobytes() for row in rows)
    height, width = array.shape
    tags = {256: width, 257: height, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: len(strip)}
    entries = b"".join(struct.pack(">HHII", tag, 4, 1, value) for tag, value in tags.items())
    return struct.pack(">2sHI", b"MM", 42, 8 + len(strip)) + strip + struct.pack(">H", len(tags)) + entries + bytes(4)


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def shown(data: bytes, mode: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert(mode))


def by_pillow(image: Image.Image, suffix: str, name: str, mode: str, **options: object) -> Case:
    data = pillow(image, name, **options)
    return Case(suffix, data, shown(data, mode))


def image(mode: str) -> Image.Image:
    """A random image of any Pillow mode."""
    full = Image.fromarray(pixels(4))
    if mode in ("P", "PA"):
        palette = full.convert("RGB").quantize(40)
        return palette if mode == "P" else palette.convert("PA")
    return full.convert(mode)


GRAY, RGB16 = pixels(), pixels(3, dtype="uint16")

LOSSLESS: dict[str, Callable[[], Case]] = {
    "png-L": lambda: by_pillow(image("L"), ".png", "PNG", "L"),
    "png-LA": lambda: by_pillow(image("LA"), ".png", "PNG", "LA"),
    "png-RGB": lambda: by_pillow(image("RGB"), ".png", "PNG", "RGB"),
    "png-RGBA": lambda: by_pillow(image("RGBA"), ".png", "PNG", "RGBA"),
    "png-1": lambda: by_pillow(image("1"), ".png", "PNG", "L"),
    "png-P": lambda: by_pillow(image("P"), ".png", "PNG", "RGB"),
    "png-P4": lambda: by_pillow(image("RGB").quantize(9), ".png", "PNG", "RGB", bits=4),
    "png-P-transparent": lambda: by_pillow(image("P"), ".png", "PNG", "RGBA", transparency=3),
    "png-P-alphas": lambda: by_pillow(image("P"), ".png", "PNG", "RGBA", transparency=bytes(range(40))),
    "png-RGB-transparent": lambda: by_pillow(image("RGB"), ".png", "PNG", "RGBA", transparency=(1, 2, 3)),
    "png-I;16": lambda: by_pillow(Image.fromarray(pixels(dtype="uint16")), ".png", "PNG", "I;16"),
    **{
        f"png-16bit-{channels}": lambda channels=channels: Case(
            ".png",
            png_by_hand(pixels(*channels, dtype="uint16")),
            pixels(*channels, dtype="uint16"),
        )
        for channels in ((), (2,), (3,), (4,))
    },
    "webp-RGB": lambda: by_pillow(image("RGB"), ".webp", "WEBP", "RGB", lossless=True),
    "webp-RGBA": lambda: by_pillow(image("RGBA"), ".webp", "WEBP", "RGBA", lossless=True, exact=True),
    "bmp-1": lambda: by_pillow(image("1"), ".bmp", "BMP", "L"),
    "bmp-L": lambda: by_pillow(image("L"), ".bmp", "BMP", "L"),
    "bmp-P": lambda: by_pillow(image("P"), ".bmp", "BMP", "RGB"),
    "bmp-RGB": lambda: by_pillow(image("RGB"), ".bmp", "BMP", "RGB"),
    **{
        f"tiff-{mode}-{packing}": lambda mode=mode, read_as=read_as, packing=packing: by_pillow(
            image(mode), ".tif", "TIFF", read_as, compression=packing
        )
        for mode, read_as in {
            "1": "L", "L": "L", "LA": "LA", "RGB": "RGB", "RGBA": "RGBA", "P": "RGB", "CMYK": "RGB"
        }.items()
        for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")
    },
    "tiff-YCbCr": lambda: by_pillow(image("YCbCr"), ".tif", "TIFF", "RGB"),
    "tiff-fax4": lambda: by_pillow(image("1"), ".tif", "TIFF", "L", compression="group4"),
    "tiff-I;16B": lambda: Case(".tif", tiff(pixels(dtype="uint16"), byteorder=">"), pixels(dtype="uint16")),
    **{
        f"tiff-{dtype}-{channels}": lambda dtype=dtype, channels=channels: Case(
            ".tif",
            tiff(pixels(*channels, dtype=dtype), photometric="rgb" if channels else "minisblack"),
            pixels(*channels, dtype=dtype),
        )
        for dtype in ("uint16", "int16", "float16", "float32", "float64")
        for channels in ((), (3,))
    },
    "tiff-tiles": lambda: Case(".tif", tiff(RGB16, photometric="rgb", tile=(16, 32), compression="zstd"), RGB16),
    "tiff-strips": lambda: Case(".tif", tiff(GRAY, rowsperstrip=4, compression="lzw", predictor=True), GRAY),
    "tiff-planes": lambda: Case(
        ".tif", tiff(np.moveaxis(RGB16, -1, 0), photometric="rgb", planarconfig="separate", compression="zlib"), RGB16
    ),
    "tiff-float-predictor": lambda: Case(
        ".tif", tiff(pixels(dtype="float32"), compression="zlib", predictor=3), pixels(dtype="float32")
    ),
    "tiff-bigtiff": lambda: Case(".tif", tiff(RGB16, photometric="rgb", bigtiff=True), RGB16),
    "tiff-white-is-zero": lambda: Case(".tif", tiff(GRAY, photometric="miniswhite"), 255 - GRAY),
    "tiff-white-is-zero-16": lambda: Case(".tif", tiff(RGB16[..., 0], photometric="miniswhite"), 65535 - RGB16[..., 0]),
    "tiff-12bit": lambda: Case(".tif", tiff(RGB16[..., 0] >> 4, bitspersample=12), RGB16[..., 0] >> 4),
    "tiff-12bit-big-endian": lambda: Case(".tif", motorola_12bit(RGB16[..., 0] >> 4), RGB16[..., 0] >> 4),
    "tiff-premultiplied": lambda: Case(
        ".tif", tiff(pixels(4), photometric="rgb", extrasamples=["assocalpha"]), pixels(4)
    ),
    "tiff-unspecified-extra": lambda: Case(
        ".tif", tiff(pixels(4), photometric="rgb", extrasamples=["unspecified"]), pixels(4)
    ),
    **{
        f"npy-{dtype}-{channels}": lambda dtype=dtype, channels=channels: Case(
            ".npy", npy(pixels(*channels, dtype=dtype)), pixels(*channels, dtype=dtype)
        )
        for dtype in ("bool", "uint8", "uint16", "int16", "float16", "float32", "float64", ">u2", ">f4")
        for channels in ((), (1,), (2,), (3,), (4,))
    },
    "npy-fortran": lambda: Case(".npy", npy(np.asfortranarray(RGB16)), RGB16),
}  # fmt: skip


@pytest.fixture(params=LOSSLESS.values(), ids=LOSSLESS.keys())
def case(request):
    return request.param()


# --- independent readers ---------------------------------------------------------------------------------------------


def png_array(data: bytes) -> np.ndarray:
    """A PNG of 8 or 16 bit, unfiltered by the book (PNG, 9.2)."""
    position, found, header = 8, b"", b""
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        content = data[position + 8 : position + 8 + length]
        assert struct.unpack_from(">I", data, position + 8 + length)[0] == zlib.crc32(kind + content)
        header = content if kind == b"IHDR" else header
        found += content if kind == b"IDAT" else b""
        position += 12 + length
    width, height, depth, colour = struct.unpack_from(">IIBB", header)
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    step, raw = channels * depth // 8, zlib.decompress(found)
    above = np.zeros(width * step, int)
    rows = []
    for row in range(height):
        line = raw[row * (width * step + 1) : (row + 1) * (width * step + 1)]
        above = unfiltered(line[0], np.frombuffer(line[1:], np.uint8).astype(int), above, step)
        rows.append(above)
    array = np.array(rows, np.uint8).view(f">u{depth // 8}").reshape(height, width, channels)
    return array.astype(array.dtype.newbyteorder("="))


def unfiltered(kind: int, line: np.ndarray, above: np.ndarray, step: int) -> np.ndarray:
    out = np.zeros(len(line), int)
    for x in range(len(line)):
        a, c = (out[x - step], above[x - step]) if x >= step else (0, 0)
        b = above[x]
        paeth = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
        out[x] = (line[x] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
    return out


def independent(suffix: str, data: bytes) -> np.ndarray:
    """(H, W, C), alpha last, by a reader that degrain does not use for this format."""
    if suffix == ".png":
        return png_array(data)
    if suffix == ".npy":
        array = np.load(io.BytesIO(data), allow_pickle=False)
    elif suffix == ".tif":
        array = tifffile_array(data)
    else:
        array = np.asarray(Image.open(io.BytesIO(data)))
    return array.reshape(*array.shape[:2], -1)


def tifffile_array(data: bytes) -> np.ndarray:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        array = page.asarray()
        if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
            array = np.iinfo(array.dtype).max - array
        return np.moveaxis(array, 0, -1) if page.axes == "SYX" else array


# --- questions to every case -----------------------------------------------------------------------------------------


def test_reads_what_others_see(case):
    array = read(case.data).array()
    assert array.dtype == case.shown.dtype
    np.testing.assert_array_equal(array.reshape(case.shown.shape), case.shown)


def test_goes_back_unchanged(case, tmp_path):
    write(read(case.data), target := tmp_path / f"out{case.suffix}")
    back = independent(case.suffix, target.read_bytes())
    assert back.dtype == case.shown.dtype
    np.testing.assert_array_equal(back, case.shown.reshape(back.shape))


def test_new_samples_are_exact_and_alpha_is_untouched(case):
    picture = read(case.data)
    changed = picture.with_samples(np.ascontiguousarray(picture.samples[::-1]))
    back = independent(case.suffix, encode(changed))
    np.testing.assert_array_equal(back[..., : picture.channels], changed.samples)
    if picture.keep.alpha is not None:
        np.testing.assert_array_equal(back[..., -1], case.shown[..., -1])


def test_unit_range_and_back_is_exact(case):
    picture = read(case.data)
    if picture.samples.dtype != np.float64:  # float32 inside
        np.testing.assert_array_equal(picture.with_unit(picture.unit()).samples, picture.samples)


def test_the_name_does_not_matter(case, tmp_path):
    (path := tmp_path / "wrong.jpg").write_bytes(case.data)
    assert read(path).keep.format == read(case.data).keep.format


def test_tiff_with_palette_and_alpha():
    data = pillow(image("PA"), "TIFF")
    np.testing.assert_array_equal(read(data).array(), shown(data, "RGBA"))


@pytest.mark.parametrize("channels", [(2,), (4,)], ids=["LA", "RGBA"])
def test_bmp_holds_alpha(channels):
    """Pillow reads what is written; gray with alpha becomes RGBA, since BMP has no gray with alpha."""
    data = encode(Picture.of_array(pixels(*channels)), ".bmp")
    expected = np.asarray(Image.fromarray(pixels(*channels)).convert("RGBA"))
    again = Image.open(io.BytesIO(data))
    assert again.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(again), expected)
    np.testing.assert_array_equal(read(encode(read(data))).array(), expected)


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "int16", "float32"])
@pytest.mark.parametrize("channels", [(), (1,), (2,), (3,), (4,)], ids=["L", "L1", "LA", "RGB", "RGBA"])
def test_every_array_is_written_exactly_or_refused(row, dtype, channels):
    array = pixels(*channels, dtype=dtype)
    picture = Picture.of_array(array)
    held = dtype in row.dtypes or dtype == "bool"
    if not held or (len(channels) and channels[0] in (2, 4) and not row.alpha):
        with pytest.raises(UnwritableImage) as refusal:
            encode(picture, row.suffixes[0])
        assert refusal.value.hint
        return
    back = read(encode(picture, row.suffixes[0])).array()
    array = array[..., 0] if channels == (1,) and row.name != "NumPy" else array  # files know gray as (H, W)
    if dtype == "bool" and "bool" not in row.dtypes:
        array = array.astype(np.uint8) * 255
    if row.name == "JPEG":
        assert np.abs(back.astype(int) - array).mean() < 12  # noise is the hardest there is
    elif row.name in ("WebP", "BMP") and back.shape != array.shape:
        np.testing.assert_array_equal(
            back, np.asarray(Image.fromarray(array).convert("RGBA" if channels in ((2,), (4,)) else "RGB"))
        )
    else:
        np.testing.assert_array_equal(back, array)


def test_suffixes_are_unique():
    assert len(set(SUFFIXES)) == len(SUFFIXES)


# --- the same bytes each time ----------------------------------------------------------------------------------------


def test_writing_twice_gives_the_same_bytes(case):
    assert encode(read(case.data)) == encode(read(case.data))


# --- coding ----------------------------------------------------------------------------------------------------------


def layout(data: bytes) -> tuple[object, ...]:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        return (
            file.byteorder, file.is_bigtiff, page.compression, page.predictor, page.planarconfig, page.photometric,
            page.is_tiled and (page.tilewidth, page.tilelength), page.rowsperstrip, page.bitspersample,
            tuple(page.extrasamples),
        )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "tiff-tiles", "tiff-strips", "tiff-planes", "tiff-bigtiff", "tiff-I;16B", "tiff-12bit", "tiff-white-is-zero",
        "tiff-float-predictor", "tiff-premultiplied", "tiff-unspecified-extra", "tiff-RGBA-tiff_lzw",
    ],
)  # fmt: skip
def test_tiff_stays_coded_as_it_was(name):
    case = LOSSLESS[name]()
    assert layout(encode(read(case.data))) == layout(case.data)
