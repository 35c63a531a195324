"""The physics of X-ray pictures: dose, detector blur and electronics."""

import numpy as np
import pytest

from degrain.noise.mottle import Mottle


def spread(noise, lane, value=0.5):
    return np.asarray(noise.apply(lane.flat(value), lane.draw())).std()


def spectrum(noise: np.ndarray) -> np.ndarray:
    """Noise power by frequency, 0 to 1/2 per pixel: the mean spectrum of the rows. White noise: its variance."""
    window = np.hanning(noise.shape[-1])
    power = np.abs(np.fft.rfft(noise * window, axis=-1)) ** 2 / (window**2).sum()
    return power.reshape(-1, power.shape[-1]).mean(0)


def test_half_the_dose_makes_sqrt_2_times_the_noise(lane):
    full, half = (spread(Mottle(peak=200, dose=dose, sigma=0), lane) for dose in (1, 0.5))
    assert half / full == pytest.approx(2**0.5, rel=0.03)


def test_electronic_noise_takes_no_notice_of_the_dose(lane):
    """So the gain that makes up for half the dose doubles it."""
    full, half = (spread(Mottle(dose=dose, sigma=5.1), lane, value=0.0) for dose in (1, 0.5))
    assert (full, half) == pytest.approx((0.02, 0.04), rel=0.02)


@pytest.mark.parametrize("sigma", [0.0, 5.1])
def test_quantum_noise_follows_the_mtf_and_electronic_noise_is_white(lane, sigma):
    """NPS(f) = q MTF^2(f) + sigma_e^2, MTF with its alias; summed over the other axis, 1 / (2 sqrt(pi)) of q."""
    noisy = np.asarray(Mottle(peak=20, blur=1, sigma=sigma).apply(lane.flat(0.5, 256), lane.draw())) - 0.5
    for measured in (spectrum(noisy), spectrum(noisy.swapaxes(-1, -2))):
        frequency = np.linspace(0, 0.5, len(measured))
        mtf = sum(np.exp(-2 * (np.pi * f) ** 2) for f in (frequency, 1 - frequency))
        theory = 0.5 / 20 * mtf**2 / (2 * np.pi**0.5) + (sigma / 255) ** 2
        for place in (0.05, 0.15, 0.25, 0.35, 0.45):
            band = (frequency > 0) & (abs(frequency - place) < 0.05)
            assert measured[band].mean() == pytest.approx(theory[band].mean(), rel=0.06)


def test_direct_conversion_is_white(lane):
    measured = spectrum(np.asarray(Mottle(peak=20, blur=0).apply(lane.flat(0.5, 256), lane.draw())) - 0.5)
    assert measured[1:40].mean() == pytest.approx(measured[-40:].mean(), rel=0.05)


def test_the_detector_blurs_an_edge_and_nothing_comes_round_the_border(lane):
    edge = np.zeros((1, 32, 64), np.float32)
    edge[..., 32:] = 1
    profile = (
        np.asarray(Mottle(peak=1e6, blur=1.5, sigma=0).apply(lane.array(edge), lane.draw())).reshape(-1, 64).mean(0)
    )
    assert profile[[0, 20, 43, 63]] == pytest.approx([0, 0, 1, 1], abs=1e-3)
    assert profile[31] + profile[32] == pytest.approx(1, abs=1e-3)
    assert 0.3 < profile[31] < 0.45


def test_the_border_is_as_noisy_as_the_middle(lane):
    noise = np.asarray(Mottle(peak=20, blur=1.5, sigma=0).apply(lane.flat(0.5, 10, channels=500), lane.draw()))
    borders = noise.reshape(-1, 10, 10).std(0)
    assert borders == pytest.approx(np.full((10, 10), (0.5 / 20 / (4 * np.pi * 1.5**2)) ** 0.5), rel=0.15)
