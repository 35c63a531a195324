"""The models that come with degrain, as they are shipped."""

import os
from pathlib import Path

import numpy as np
import pytest

from degrain.denoisers.base import Denoiser
from degrain.denoisers.zoo import list_models, open_denoiser
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import summarise
from degrain.images.picture import Picture
from degrain.inference.engine import Engine
from degrain.noise.gaussian import Gaussian
from degrain.noise.level import BLIND, NoiseLevel
from degrain.sources.folder import Folder

BUNDLED = [model.name for model in list_models() if model.kind == "network"]
SIZES = [(1, 1), (1, 257), (257, 3), (231, 232), (233, 500), (400, 401)]
DATA = Path(os.environ.get("DEGRAIN_DATA", "/nowhere")) / "test"


@pytest.fixture(scope="module", params=BUNDLED)
def model(request: pytest.FixtureRequest) -> Denoiser:
    return open_denoiser(request.param, threads=2)


def test_there_is_one() -> None:
    assert "small" in BUNDLED


@pytest.mark.parametrize("level", [NoiseLevel(25), BLIND], ids=["known", "blind"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_tiles_equal_the_whole(model: Denoiser, height: int, width: int, channels: int, level: NoiseLevel) -> None:
    rng = np.random.default_rng(height)
    ramp = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    noisy = Picture.of_array(ramp + 0.1 * rng.standard_normal((height, width, channels), dtype=np.float32))
    tiled = Engine(model, tile=2 * model.spec.halo + 32).denoise(noisy, level)
    whole = Engine(model, tile=100_000).denoise(noisy, level)
    assert np.abs(tiled.samples - whole.samples).max() <= 1e-5


def test_the_card_says_what_it_is_made_of(model: Denoiser) -> None:
    assert {"data", "licence", "noise", "results", "hardware", "commit"} <= set(model.spec.card)


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="needs test pictures: DEGRAIN_DATA")
@pytest.mark.parametrize(("folder", "gray", "least"), [("BSD68", True, 28.57), ("CBSD68", False, 30.71)])
def test_better_than_published_bm3d_at_sigma_25(model: Denoiser, folder: str, gray: bool, least: float) -> None:
    """On every fourth picture, against what the whole set gives; the margin covers the difference of the two."""
    items = Folder(DATA / folder).items("all")[::4]
    rows = Benchmark({"model": model}, gray=gray).run(items, {"noise": Gaussian(25)})
    assert summarise(rows)[-1].psnr > least - 0.3
