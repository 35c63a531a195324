"""Copies are found however they were made; different pictures are not taken for copies."""

import io

import numpy as np
import pytest
from PIL import Image

from degrain.images.picture import Picture
from degrain.sources.duplicates import ALIKE, fingerprint, group_alike, similarity, views
from degrain.sources.grouped_files import group_files


def made(seed: int, side: int = 240) -> Image.Image:
    """Blobs of every size, as tissue and photographs have them."""
    rng = np.random.default_rng(seed)
    gray = np.full((side, side), 128.0)
    for cells in (5, 10, 20, 40):
        coarse = Image.fromarray(rng.normal(0, 90 / cells**0.5, (cells, cells)).astype(np.float32))
        gray += np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))
    return Image.fromarray(np.clip(gray, 0, 255).astype(np.uint8)).convert("RGB")


def crop(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    parts = (left, top, 1 - right, 1 - bottom)
    return image.crop(tuple(round(part * length) for part, length in zip(parts, image.size * 2, strict=True)))


def turned(image: Image.Image, angle: float) -> Image.Image:
    """Turned, cropped to what is inside, enlarged to the old size: how LC25000 was made."""
    inside = 1 / (np.cos(np.radians(abs(angle))) + np.sin(np.radians(abs(angle))))
    edge = (1 - inside) / 2
    return crop(image.rotate(angle, Image.Resampling.BICUBIC), edge, edge, edge, edge).resize(image.size)


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def sheared(image: Image.Image) -> Image.Image:
    across = (1, 0.05, -0.025 * image.height, 0, 1, 0)
    return crop(image.transform(image.size, Image.Transform.AFFINE, across, Image.Resampling.BICUBIC), *(0.04,) * 4)


def of(image: Image.Image) -> Picture:
    return Picture.of_array(np.asarray(image))


WAYS = {
    **{f"view {way.name}": lambda image, way=way: image.transpose(way) for way in Image.Transpose},
    **{f"turned {angle}": lambda image, angle=angle: turned(image, angle) for angle in (-25, -7, 12, 25)},
    "turned and mirrored": lambda image: turned(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 20),
    "recompressed": lambda image: jpeg(image, 30),
    "halved": lambda image: image.resize((120, 120)),
    "darker": lambda image: image.point(lambda value: 0.7 * value + 20),
    "gray": lambda image: image.convert("L"),
    "sheared": sheared,
    "cropped": lambda image: crop(image, 0.03, 0.03, 0.03, 0.03),
}
ASIDE = {
    "at one side": lambda image: crop(image, 0.05, 0, 0, 0),
    "at a corner": lambda image: crop(image, 0.04, 0, 0, 0.04),
}


@pytest.fixture(scope="module")
def originals() -> list[Image.Image]:
    return [made(seed) for seed in range(12)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("evened", [False, True])
def test_copies_are_grouped_and_strangers_are_not(originals, way, evened):
    prints = np.stack([fingerprint(of(image), evened=evened) for image in (*originals, *map(WAYS[way], originals))])
    assert group_alike(prints) == [*range(12)] * 2


@pytest.mark.parametrize("way", ASIDE)
def test_views_find_what_was_cropped_unevenly(originals, way):
    prints = np.stack([fingerprint(of(image)) for image in originals])
    for number, image in enumerate(originals):
        likeness = similarity(views(of(ASIDE[way](image))), prints).max(0)
        assert list(np.flatnonzero(likeness >= ALIKE)) == [number]


def test_one_strong_edge_makes_strangers_alike_unless_contrast_is_evened_out(originals):
    """Two textures, each with the same bright half."""
    step = np.zeros((240, 240), np.uint8)
    step[:, 150:] = 180
    strangers = [Picture.of_array(step + np.asarray(image.convert("L")) // 4) for image in originals[:2]]
    for evened in (False, True):
        one, other = (fingerprint(picture, evened=evened)[np.newaxis] for picture in strangers)
        assert (similarity(one, other)[0, 0] >= ALIKE) == (not evened)


def test_similarity_is_a_correlation(originals):
    prints = np.stack([fingerprint(of(image)) for image in originals])
    likeness = similarity(prints, prints)
    assert likeness.diagonal() == pytest.approx(1, abs=1e-5)
    assert likeness == pytest.approx(likeness.T, abs=1e-5)
    assert np.abs(likeness).max() <= 1 + 1e-5


def test_groups_are_chains(originals):
    """The first and the last are too far apart to be linked directly."""
    image = originals[0]
    chain = [crop(image, edge, edge, edge, edge) for edge in (0, 0.1, 0.2)]
    prints = np.stack([fingerprint(of(copy)) for copy in (originals[1], *chain[::2], chain[1])])
    assert group_alike(prints[:3]) == [0, 1, 2]
    assert group_alike(prints) == [0, 1, 1, 1]


def test_flat_and_tiny_pictures_are_like_nothing():
    flat = [of(Image.new("L", size, value)) for size, value in (((50, 50), 0), ((1, 1), 128), ((3, 900), 255))]
    assert group_alike(np.stack([fingerprint(picture) for picture in flat])) == [0, 1, 2]


@pytest.fixture
def files(originals, tmp_path, monkeypatch):
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path / "cache"))
    for number, image in enumerate((originals[0], originals[1], turned(originals[0], 15))):
        image.save(tmp_path / f"{number}.png")
    return [tmp_path / f"{number}.png" for number in range(3)]


def test_groups_are_remembered_until_a_file_changes(files, originals, monkeypatch, tmp_path):
    assert group_files(files, ALIKE) == [0, 1, 0]
    originals[2].save(files[2])
    assert group_files(files, ALIKE) == [0, 1, 2]
    monkeypatch.setattr("degrain.sources.grouped_files.read", None)  # nothing is read any more
    assert group_files(files, ALIKE) == [0, 1, 2]
    assert len(list((tmp_path / "cache").rglob("*.json"))) == 2


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]"])
def test_a_damaged_memory_is_made_anew(files, tmp_path, content):
    group_files(files, ALIKE)
    next((tmp_path / "cache").rglob("*.json")).write_bytes(content)
    assert group_files(files, ALIKE) == [0, 1, 0]


def test_a_cache_that_cannot_be_written_costs_time_only(files, tmp_path, monkeypatch):
    monkeypatch.setenv("DEGRAIN_CACHE", str(files[0]))
    assert group_files(files, ALIKE) == [0, 1, 0]
