import numpy as np
import pytest
import torch

from degrain.noise.correlated import Correlated


def correlation(noise: np.ndarray, distance: int) -> float:
    return float((noise[..., distance:] * noise[..., :-distance]).mean() / noise.var())


@pytest.mark.parametrize("radius", [0.8, 1.5, 3.0])
def test_the_correlation_falls_as_said(lane, radius):
    noise = np.asarray(Correlated(25, radius).apply(lane.flat(0, 256), lane.draw()))
    for distance in (1, 2, 4):
        expected = np.exp(-((distance / 2 / radius) ** 2))
        assert correlation(noise, distance) == pytest.approx(expected, abs=0.04)
        assert correlation(noise.swapaxes(-1, -2), distance) == pytest.approx(expected, abs=0.04)


def test_the_border_is_as_noisy_as_the_middle(lane):
    noise = np.asarray(Correlated(25.5, 2).apply(lane.flat(0, 12, channels=500), lane.draw()))
    assert noise.reshape(-1, 12, 12).std(0) == pytest.approx(np.full((12, 12), 0.1), rel=0.15)


def test_each_picture_has_its_own_grain(batches):
    radii = torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(4, 1, 1, 1)
    grains = np.asarray(Correlated(25, radii).apply(batches.flat(0), batches.draw()))
    near = [correlation(picture, 2) for picture in grains]
    assert near == pytest.approx([np.exp(-1 / radius**2) for radius in (1, 2, 3, 4)], abs=0.05)
