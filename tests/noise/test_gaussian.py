"""Noise keeps what its docstring says, on NumPy and on torch alike."""

import numpy as np
import pytest
import torch

from degrain.data.draw import TorchDraw
from degrain.errors import NoiseError
from degrain.noise.base import Range
from degrain.noise.draw import Draw, NumpyDraw
from degrain.noise.gaussian import Gaussian
from degrain.noise.table import parse

SHAPE = (4, 3, 256, 256)


def lanes() -> list[tuple[object, Draw]]:
    clean = np.full(SHAPE, 0.5, np.float32)
    torch_draw = TorchDraw.of_step(seed=0, step=0, batch=4, device=torch.device("cpu"))
    return [(clean, NumpyDraw(np.random.default_rng(0))), (torch.from_numpy(clean), torch_draw)]


@pytest.mark.parametrize("lane", [0, 1], ids=["numpy", "torch"])
@pytest.mark.parametrize("sigma", [1.0, 25.0, 75.0])
def test_mean_and_variance(lane: int, sigma: float) -> None:
    clean, draw = lanes()[lane]
    noise = np.asarray(Gaussian(sigma).apply(clean, draw)) - 0.5
    count = noise.size
    assert noise.dtype == np.float32
    assert abs(255 * noise.mean()) < 5 * sigma / count**0.5
    assert abs(255 * noise.std() / sigma - 1) < 5 / (2 * count) ** 0.5


@pytest.mark.parametrize("lane", [0, 1], ids=["numpy", "torch"])
def test_neighbours_and_channels_are_independent(lane: int) -> None:
    clean, draw = lanes()[lane]
    noise = (np.asarray(Gaussian(25).apply(clean, draw)) - 0.5) * 255 / 25
    bound = 5 / noise.size**0.5
    assert abs((noise[..., 1:] * noise[..., :-1]).mean()) < bound
    assert abs((noise[:, 1:] * noise[:, :-1]).mean()) < 2 * bound


@pytest.mark.parametrize("lane", [0, 1], ids=["numpy", "torch"])
def test_pinning_draws_within_the_range_and_then_stays(lane: int) -> None:
    _, draw = lanes()[lane]
    pinned = Gaussian(Range(5, 50)).pin(draw)
    assert np.all((np.asarray(pinned.sigma) >= 5) & (np.asarray(pinned.sigma) < 50))
    assert pinned.pin(draw) is not None
    assert np.array_equal(np.asarray(pinned.pin(draw).sigma), np.asarray(pinned.sigma))


def test_each_picture_of_a_batch_has_its_own_sigma() -> None:
    clean, draw = lanes()[1]
    pinned = Gaussian(Range(5, 50)).pin(draw)
    spread = 255 * (pinned.apply(clean, draw) - 0.5).std((1, 2, 3))
    assert torch.allclose(spread, torch.as_tensor(pinned.sigma).flatten(), rtol=0.01)
    assert len(set(spread.tolist())) == 4


def test_the_clean_picture_is_unchanged_and_nothing_is_clipped() -> None:
    clean = np.ones((1, 64, 64), np.float32)
    noisy = Gaussian(25).apply(clean, NumpyDraw(np.random.default_rng(0)))
    assert np.all(clean == 1)
    assert noisy.max() > 1.1


def test_short_form() -> None:
    assert parse("gaussian:sigma=25") == Gaussian(25.0)
    assert parse("gaussian:sigma=5..50") == Gaussian(Range(5.0, 50.0))
    assert parse("gaussian") == Gaussian()


@pytest.mark.parametrize(
    "text", ["", "fog", "gaussian:sigma", "gaussian:sigma=x", "gaussian:peak=3", "gaussian:sigma=-1",
             "gaussian:sigma=9..3", "gaussian:sigma=nan", "gaussian:sigma=inf", "gaussian:sigma=1..2..3"],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(NoiseError):
        parse(text)
