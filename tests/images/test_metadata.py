"""ICC, EXIF, XMP, resolution and orientation, within a format and across formats, seen by Pillow."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, ImageOps, IptcImagePlugin

from degrain.images import exif
from degrain.images.keep import Density, Keep
from degrain.images.picture import Picture
from degrain.images.read import read
from degrain.images.write import encode

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = (
    b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta><?xpacket end="w"?>'
)
CARRIERS = {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP", ".tif": "TIFF"}
MAKE, ORIENTATION, EXIF_IFD, GPS_IFD, DATE, ISO = 0x010F, 0x0112, 0x8769, 0x8825, 0x9003, 0x8827


def scene() -> Image.Image:
    """Smooth, colourful, without symmetry; sides are multiples of 16, so that JPEG can be turned without a rim."""
    y, x = np.mgrid[0:48, 0:80]
    return Image.fromarray(np.stack([x * 3, y * 5, (x + 2 * y)], -1).astype(np.uint8))


def made(suffix: str, *, orientation: int | None = None, xmp: bytes = XMP) -> bytes:
    """A file with everything on it, by Pillow."""
    block = Image.Exif()
    block[MAKE] = "Leica"
    if orientation is not None:
        block[ORIENTATION] = orientation
    block[EXIF_IFD] = {DATE: "2024:05:06 07:08:09", ISO: 400}
    block[GPS_IFD] = {1: "N", 2: (48.0, 8.0, 14.5)}
    if suffix == ".tif":
        block[700] = xmp
    file, options = io.BytesIO(), {"dpi": (300, 200), "icc_profile": ICC, "exif": block.tobytes()}
    if suffix == ".png":
        options["pnginfo"] = png_text(xmp)
    elif suffix != ".tif":
        options["xmp"] = xmp
    scene().save(file, CARRIERS[suffix], **options, **({"lossless": True} if suffix == ".webp" else {}))
    return file.getvalue()


def png_text(xmp: bytes):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    info.add_text("Title", "a scene")
    return info


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def xmp_of(image: Image.Image) -> bytes:
    value = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return value.encode() if isinstance(value, str) else value


@pytest.mark.parametrize("target", CARRIERS)
@pytest.mark.parametrize("source", CARRIERS)
def test_everything_goes_from_each_format_to_each(source, target):
    image = opened(encode(read(made(source)), target))
    block = image.getexif()
    assert image.info["icc_profile"] == ICC
    assert block[MAKE] == "Leica"
    assert block.get_ifd(EXIF_IFD)[DATE] == "2024:05:06 07:08:09"
    assert block.get_ifd(EXIF_IFD)[ISO] == 400
    assert block.get_ifd(GPS_IFD)[2] == (48.0, 8.0, 14.5)
    assert b"x:xmpmeta" in xmp_of(image)


@pytest.mark.parametrize("target", [".png", ".jpg", ".tif", ".bmp"])
@pytest.mark.parametrize("source", [".png", ".jpg", ".tif"])
def test_resolution_goes_along_and_turns_along(source, target):
    upright = opened(encode(read(made(source, orientation=1)), target)).info["dpi"]
    turned = opened(encode(read(made(source, orientation=6)), target)).info["dpi"]
    assert [round(side) for side in upright] == [300, 200]
    assert [round(side) for side in turned] == [200, 300]


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("suffix", CARRIERS)
def test_orientation_is_applied_once(suffix, orientation):
    data = made(suffix, orientation=orientation)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    out = encode(read(data))
    image = opened(out)
    assert image.getexif().get(ORIENTATION, 1) == 1
    assert b'tiff:Orientation="1"' in xmp_of(image)
    assert np.abs(np.asarray(image).astype(int) - expected).max() <= (6 if suffix == ".jpg" else 0)
    np.testing.assert_array_equal(read(out).samples.shape, expected.shape)
    np.testing.assert_array_equal(read(data).samples, expected)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
@pytest.mark.parametrize("suffix", CARRIERS)
def test_an_unknown_orientation_means_upright(suffix, orientation):
    data = made(suffix, orientation=orientation, xmp=b"<x/>")
    assert read(data).samples.shape == (48, 80, 3)
    assert opened(encode(read(data))).getexif().get(ORIENTATION, 1) == 1


def test_alpha_turns_with_the_colours():
    rgba = Image.fromarray(np.random.default_rng(3).integers(0, 256, (5, 9, 4), dtype=np.uint8))
    block = Image.Exif()
    block[ORIENTATION] = 6
    rgba.save(file := io.BytesIO(), "PNG", exif=block)
    expected = np.asarray(ImageOps.exif_transpose(opened(file.getvalue())))
    np.testing.assert_array_equal(read(file.getvalue()).array(), expected)


@pytest.mark.parametrize("orientation", [3, 6])
def test_tiff_is_turned_by_us_not_by_pillow(orientation):
    """The tag alone, no EXIF directory; tifffile shows the stored samples."""
    array = np.random.default_rng(0).integers(0, 65536, (5, 8, 3), dtype=np.uint16)
    tifffile.imwrite(
        file := io.BytesIO(), array, photometric="rgb", extratags=[(274, 3, 1, orientation, True)], metadata=None
    )
    out = encode(read(file.getvalue()))
    turned = np.rot90(array, {3: 2, 6: -1}[orientation])
    with tifffile.TiffFile(io.BytesIO(out)) as tiff:
        np.testing.assert_array_equal(tiff.asarray(), turned)
        assert tiff.pages[0].tags.valueof(274, default=1) == 1


@pytest.mark.parametrize(("kind", "letter"), [(1, "Bxxx"), (3, "Hxx"), (4, "I")])
@pytest.mark.parametrize("order", ["<", ">"])
def test_an_orientation_of_any_integer_type_is_obeyed_and_reset(order, kind, letter):
    block = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HIH", 42, 8, 1)
    block += struct.pack(order + "HHI" + letter, ORIENTATION, kind, 1, 6) + bytes(4)
    assert exif.orientation(block) == 6
    assert exif.orientation(exif.upright(block)) == 1


@pytest.mark.parametrize("target", [".png", ".jpg", ".tif"])
@pytest.mark.parametrize("source", [".jpg", ".tif"])
def test_texts_that_are_not_ascii_stay(source, target):
    artist, about, owner = "Jürgen Müller", "Käse, 面", "Øyvind"
    block = Image.Exif()
    block[0x013B], block[0x010E] = artist.encode(), about.encode()
    file = io.BytesIO()
    if source == ".tif":
        tags = [(0x013B, 2, 0, artist.encode(), True)]
        tifffile.imwrite(file, np.asarray(scene()), photometric="rgb", description=about.encode(), extratags=tags,
                         metadata=None)  # fmt: skip
    else:
        scene().save(file, CARRIERS[source], exif=block.tobytes())
    out = encode(read(file.getvalue()), target)
    for text in (artist, about):
        assert text.encode() + b"\0" in out
    if source == ".tif":
        return
    block[EXIF_IFD] = {0xA430: owner}
    written = block.tobytes().replace(b"?yvind\0", owner.encode("latin-1") + b"\0")
    scene().save(file := io.BytesIO(), CARRIERS[source], exif=written)
    assert owner.encode("latin-1") + b"\0" in encode(read(file.getvalue()), target)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_sides_that_exif_names_turn_along(suffix, orientation):
    block = Image.Exif()
    block[ORIENTATION], block[0x011A], block[0x011B] = orientation, 300.0, 200.0
    block[EXIF_IFD] = {0xA002: 80, 0xA003: 48}
    scene().save(file := io.BytesIO(), CARRIERS[suffix], exif=block.tobytes())
    image = opened(encode(read(file.getvalue())))
    found = image.getexif()
    sides = [found.get_ifd(EXIF_IFD)[tag] for tag in (0xA002, 0xA003)]
    assert tuple(sides) == image.size
    assert (found[0x011A], found[0x011B]) == ((200, 300) if orientation > 4 else (300, 200))


@pytest.mark.parametrize("start", [0, 8])
def test_a_thumbnail_that_would_lie_on_the_directory_is_left_alone(start):
    block = b"II" + struct.pack("<HI", 42, 8) + struct.pack("<H", 1) + struct.pack("<HHIHH", ORIENTATION, 3, 1, 6, 0)
    block += struct.pack("<I", 26) + struct.pack("<H", 2)
    block += struct.pack("<HHII", 0x0201, 4, 1, start) + struct.pack("<HHII", 0x0202, 4, 1, 100) + bytes(4)
    out = exif.upright(block)
    assert exif.orientation(out) == 1
    assert out[:18] == block[:18]  # up to the orientation itself


def test_a_damaged_thumbnail_costs_no_exif():
    block = b"II" + struct.pack("<HI", 42, 8) + struct.pack("<H", 1) + struct.pack("<HHIHH", ORIENTATION, 3, 1, 6, 0)
    block += struct.pack("<I", 26) + struct.pack("<H", 200) + bytes(4)
    out = exif.upright(block)
    assert out is not None
    assert exif.orientation(out) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_is_patched_in_place(order):
    """Maker notes point by absolute offset: not one byte may move. The thumbnail shows the noisy picture: it goes."""
    thumbnail = b"\xff\xd8THUMBNAIL\xff\xd9"
    note = b"maker note \x00\x01\x02"
    first, second, data = 8, 8 + 2 + 24 + 4, 8 + 2 + 24 + 4 + 2 + 24 + 4
    block = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, first)
    block += struct.pack(order + "H", 2)
    block += struct.pack(order + "HHIHH", ORIENTATION, 3, 1, 8, 0)
    block += struct.pack(order + "HHII", 0x927C, 7, len(note), data)
    block += struct.pack(order + "I", second) + struct.pack(order + "H", 2)
    block += struct.pack(order + "HHII", 0x0201, 4, 1, data + len(note))
    block += struct.pack(order + "HHII", 0x0202, 4, 1, len(thumbnail)) + struct.pack(order + "I", 0)
    block += note + thumbnail
    assert exif.orientation(block) == 8
    out = exif.upright(block)
    assert exif.orientation(out) == 1
    assert b"THUMBNAIL" not in out
    assert out[data : data + len(note)] == note
    loaded = Image.Exif()
    loaded.load(out)
    assert not loaded.get_ifd(1)


@pytest.mark.parametrize(
    "block", [b"", b"II", b"MM\0*", b"II*\0\xff\xff\xff\xff", b"junk" * 9, b"II*\0\x08\0\0\0\xff\xff"]
)
def test_damaged_exif_is_dropped_not_fatal(block):
    assert exif.orientation(block) == 1
    assert exif.upright(block) is None


def test_png_text_and_colour_chunks_stay():
    data = encode(read(made(".png")))
    assert opened(data).info["Title"] == "a scene"


@pytest.mark.parametrize(("quality", "subsampling"), [(40, 2), (75, 1), (95, 0), (100, 2)])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_keeps_its_tables_and_subsampling(quality, subsampling, progressive):
    from PIL.JpegImagePlugin import get_sampling

    scene().save(
        file := io.BytesIO(), "JPEG", quality=quality, subsampling=subsampling, progressive=progressive, comment=b"hi"
    )
    before, after = opened(file.getvalue()), opened(encode(read(file.getvalue())))
    assert after.quantization == before.quantization
    assert get_sampling(after) == get_sampling(before)
    assert bool(after.info.get("progressive")) == progressive
    assert after.info["comment"] == b"hi"


def test_jpeg_tables_go_to_the_components_that_had_them():
    """Luma by the second table and chroma by the first, and a third that nobody uses."""
    scene().save(file := io.BytesIO(), "JPEG", quality=30)
    data, before = bytearray(file.getvalue()), opened(file.getvalue())
    first, second = (data.index(b"\xff\xdb\x00\x43" + bytes([slot])) for slot in (0, 1))
    data[first + 4], data[second + 4] = 1, 0
    frame = data.index(b"\xff\xc0")
    for component, slot in enumerate((1, 0, 0)):
        data[frame + 10 + 3 * component + 2] = slot
    unused = b"\xff\xdb\x00\x43\x02" + bytes([99] * 64)
    swapped = bytes(data[:first]) + unused + bytes(data[first:])
    np.testing.assert_array_equal(opened(swapped), before)
    assert opened(encode(read(swapped))).quantization == before.quantization


def test_a_profile_of_gray_does_not_go_onto_a_webp():
    gray = ICC[:16] + b"GRAY" + ICC[20:]
    scene().convert("L").save(file := io.BytesIO(), "PNG", icc_profile=gray)
    picture = read(file.getvalue())
    assert opened(encode(picture, ".jpg")).info["icc_profile"] == gray
    assert "icc_profile" not in opened(encode(picture, ".webp")).info


def test_jpeg_keeps_captions_and_long_xmp():
    caption = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x08\x1c\x02\x78\0\x03abc"
    extension = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">II", 5, 0) + b"<x/>."
    segments = [struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content for marker, content in
                ((0xED, caption), (0xE1, extension))]  # fmt: skip
    plain = made(".jpg")
    out = encode(read(plain[:2] + b"".join(segments) + plain[2:]))
    assert IptcImagePlugin.getiptcinfo(opened(out)) == {(2, 120): b"abc"}
    assert out.index(b"http://ns.adobe.com/xap/1.0/") < out.index(extension)
    assert b"Photoshop" not in encode(read(plain))


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp"])
def test_a_resolution_that_a_format_cannot_hold_is_left_out(suffix):
    keep = Keep(density=Density(2.0**32 - 1, 2.0**32 - 1))
    out = encode(Picture.of_array(np.zeros((4, 4, 3), np.uint8), keep=keep), suffix)
    assert not any(opened(out).info.get("dpi", ()))


def test_noise_in_a_large_progressive_jpeg_is_written():
    """The hardest content at the finest tables overflowed encoders that guess the size of the file."""
    noise = np.random.default_rng(0).integers(0, 256, (400, 600, 3), dtype=np.uint8)
    Image.new("RGB", (600, 400)).save(file := io.BytesIO(), "JPEG", quality=100, progressive=True, subsampling=0)
    back = read(encode(read(file.getvalue()).with_samples(noise)))
    assert np.abs(back.samples.astype(int) - noise).max() <= 4


def test_jpeg_from_elsewhere_is_of_high_quality():
    out = opened(encode(read(made(".png", orientation=1)), ".jpg"))
    assert np.abs(np.asarray(out).astype(int) - np.asarray(scene())).max() <= 6


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_stays_as_lossy_as_it_was(lossless):
    scene().save(file := io.BytesIO(), "WEBP", lossless=lossless, quality=80)
    assert (b"VP8L" in encode(read(file.getvalue()))) == lossless


def cmyk(marker: bool) -> bytes:
    """Cyan to the right, black to the bottom. Pillow writes inks inverted, as Adobe does, with Adobe's marker."""
    inks = np.zeros((32, 48, 4), np.uint8)
    inks[..., 0], inks[..., 3] = np.arange(48) * 5, np.arange(32)[:, None] * 4
    stored = Image.frombytes("CMYK", (48, 32), (inks if marker else 255 - inks).tobytes())
    stored.save(file := io.BytesIO(), "JPEG", quality=100, subsampling=0)
    data = file.getvalue()
    if marker:
        return data
    start = data.index(b"\xff\xee\x00\x0eAdobe")
    return data[:start] + data[start + 16 :]


@pytest.mark.parametrize("marker", [True, False], ids=["adobe-inverted", "plain"])
def test_cmyk_jpeg_becomes_rgb(marker):
    picture = read(cmyk(marker))
    cyan, black = np.arange(48) * 5 / 255, np.arange(32)[:, None] * 4 / 255
    expected = np.stack([(1 - cyan) * (1 - black), *[(1 - black) + 0 * cyan] * 2], -1) * 255
    assert np.abs(picture.samples - expected).max() < 8
    assert opened(encode(picture)).mode == "RGB"


def test_a_profile_of_inks_does_not_go_onto_rgb():
    inks = Image.new("CMYK", (16, 16), (10, 20, 30, 40))
    inks.save(file := io.BytesIO(), "JPEG", icc_profile=b"damaged profile")
    assert read(file.getvalue()).keep.icc is None


def test_microscope_resolution_without_unit_stays():
    array = np.zeros((4, 4), np.uint16)
    tifffile.imwrite(
        file := io.BytesIO(), array, resolution=(9.5, 9.5), resolutionunit="NONE", description="px/um µ".encode()
    )
    with tifffile.TiffFile(io.BytesIO(encode(read(file.getvalue())))) as tiff:
        tags = tiff.pages[0].tags
        assert (tags[282].value, tags[296].value) == ((19, 2), 1)
        assert tags[270].value == "px/um µ"


@pytest.mark.parametrize(
    ("code", "kind", "value"),
    [(282, "f", 72.0), (282, "H", 72), (700, "2I", (1000, 2000)), (270, "H", 72)],
    ids=["FLOAT", "SHORT", "XMP", "DESCRIPTION"],
)
def test_tags_of_a_wrong_type_cost_no_pixels(code, kind, value):
    array = np.arange(64, dtype=np.uint8).reshape(8, 8)
    packet = (700, 1, 8, b"<packet>", True)
    tifffile.imwrite(
        file := io.BytesIO(), array, metadata=None, resolution=(72, 72), extratags=[packet], description="a"
    )
    file.seek(0)
    with tifffile.TiffFile(file, mode="r+") as tiff:
        tiff.pages[0].tags[code].overwrite(value, dtype=kind)
    np.testing.assert_array_equal(read(encode(read(file.getvalue()))).array(), array)


def test_a_predictor_without_compression_is_dropped():
    """Some writers leave the tag; tifffile refuses to."""
    array = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(array).save(file := io.BytesIO(), "TIFF", tiffinfo={317: 2})
    seen = read(file.getvalue()).array()
    np.testing.assert_array_equal(read(encode(read(file.getvalue()))).array(), seen)


def test_a_palette_of_1_bit():
    chosen = np.random.default_rng(0).random((8, 16)) < 0.5
    palette = (320, 3, 6, (200 * 257, 10 * 257, 0, 90 * 257, 0, 250 * 257), True)  # all reds, greens, blues
    tifffile.imwrite(file := io.BytesIO(), chosen, photometric="minisblack", metadata=None, extratags=[palette])
    file.seek(0)
    with tifffile.TiffFile(file, mode="r+") as tiff:
        tiff.pages[0].tags[262].overwrite(3)
    colours = np.array([[200, 0, 0], [10, 90, 250]], np.uint8)
    np.testing.assert_array_equal(read(file.getvalue()).array(), colours[chosen.astype(int)])


def test_tiff_exif_is_kept_at_16_bit():
    array = np.random.default_rng(0).integers(0, 65536, (5, 8, 3), dtype=np.uint16)
    source = read(made(".tif"))
    tiff = read(encode(type(source).of_array(array, keep=source.keep), ".tif"))
    np.testing.assert_array_equal(tiff.samples, array)
    block = Image.Exif()
    block.load(tiff.keep.exif)
    assert block.get_ifd(EXIF_IFD)[ISO] == 400


def test_aids_of_a_photo_are_no_frames():
    """Previews and gain maps of a camera's JPEG, smaller copies in a TIFF: dropped like the EXIF thumbnail."""
    small = scene().resize((40, 24))
    scene().save(mpo := io.BytesIO(), "MPO", save_all=True, append_images=[small])
    assert read(mpo.getvalue()).samples.shape == (48, 80, 3)
    with tifffile.TiffWriter(pyramid := io.BytesIO()) as tiff:
        tiff.write(np.asarray(scene()), photometric="rgb", metadata=None)
        tiff.write(np.asarray(small), photometric="rgb", metadata=None, subfiletype=1)
    assert read(pyramid.getvalue()).samples.shape == (48, 80, 3)
