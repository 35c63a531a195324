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
SIZES = [(1, 1), (1, 257), (257, 3), (295, 296), (297, 500), (400, 401)]
DATA = Path(os.environ.get("DEGRAIN_DATA", "/nowhere")) / "test"


@pytest.fixture(scope="module", params=BUNDLED)
def model(request: pytest.FixtureRequest) -> Denoiser:
    return open_denoiser(request.param, threads=2)


def test_there_is_one() -> None:
    assert "small" in BUNDLED


@pytest.mark.parametrize("level", [NoiseLevel(25), NoiseLevel(5, 0.05), BLIND], ids=["known", "growing", "blind"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_tiles_equal_the_whole(model: Denoiser, height: int, width: int, channels: int, level: NoiseLevel) -> None:
    rng = np.random.default_rng(height)
    ramp = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    noisy = Picture.of_array(ramp + 0.1 * rng.standard_normal((height, width, channels), dtype=np.float32))
    tiled = Engine(model, tile=2 * model.spec.halo + 96).denoise(noisy, level)
    whole = Engine(model, tile=100_000).denoise(noisy, level)
    assert np.abs(tiled.samples - whole.samples).max() <= 1e-5


@pytest.mark.parametrize("level", [NoiseLevel(10), BLIND], ids=["known", "blind"])
@pytest.mark.parametrize("brightness", [-1000.0, 0.5, 40.0])
@pytest.mark.parametrize("channels", [1, 3])
def test_brightness_passes_to_the_very_edge(
    model: Denoiser, channels: int, brightness: float, level: NoiseLevel
) -> None:
    """CT values lie around -1000, those of 16-bit files with an offset around 0.5."""
    ramp = np.linspace(0, 1, 72, dtype=np.float32)[:, None, None]
    noisy = ramp + 0.04 * np.random.default_rng(0).standard_normal((72, 72, channels), dtype=np.float32)
    low, high = (Engine(model).denoise(Picture.of_array(noisy + far), level).samples for far in (0, brightness))
    assert np.abs(high - brightness - low).max() < max(1e-4, 2e-6 * abs(brightness))


def test_the_card_says_what_it_is_made_of(model: Denoiser) -> None:
    assert {"data", "licence", "noise", "results", "hardware", "commit"} <= set(model.spec.card)


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="needs test pictures: DEGRAIN_DATA")
@pytest.mark.parametrize(("pictures", "gray"), [("BSD68 gray", True), ("CBSD68 colour", False)])
def test_the_card_keeps_its_word(model: Denoiser, pictures: str, gray: bool) -> None:
    items = Folder(DATA / pictures.split()[0]).items()
    rows = Benchmark({"model": model}, gray=gray).run(items, {"noise": Gaussian(25)})
    told = "level known" if model.spec.wants_level else "blind"
    promised = model.spec.card["results"][f"{pictures}, {told}"]["gaussian:sigma=25"]
    assert summarise(rows)[-1].values["psnr"] == pytest.approx(promised, abs=0.01)
