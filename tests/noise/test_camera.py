"""The physics of a camera: counted light, gains, grains."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from degrain.errors import NoiseError
from degrain.images.tone import to_light
from degrain.noise.base import Range
from degrain.noise.camera import Camera
from degrain.noise.draw import NumpyDraw
from degrain.noise.table import parse

HARD = Camera(peak=2000, read=10, red=1, blue=1, colour=1, gradient=0, soft=0, chroma=0)  # unsoftened
TYPICAL = Camera(peak=2000, gradient=0.5, soft=0.5, chroma=1.5)


def light(noise: Camera, lane, value: float, channels: int = 3) -> np.ndarray:
    """What a flat picture becomes, in light, (C, samples)."""
    noisy = np.asarray(noise.apply(lane.flat(value, channels=channels), lane.draw()), np.float64)
    return to_light(np.moveaxis(noisy, -3, 0).reshape(channels, -1))


def luma_and_chroma(noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(..., 3, H, W) -> the mean of the channels, and red less green."""
    return noise.mean(-3), noise[..., 0, :, :] - noise[..., 1, :, :]


def at_lag_1(noise: np.ndarray) -> list[float]:
    """Autocorrelation between neighbours, across and down."""
    lines = (noise, noise.swapaxes(-1, -2))
    return [float((line[..., 1:] * line[..., :-1]).mean() / noise.var()) for line in lines]


@pytest.mark.parametrize("value", [0.0, 0.2, 0.9])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_mean_of_the_light_stays(lane, value, channels):
    noise = replace(HARD, red=2, blue=1.5, colour=1.5)
    samples = light(noise, lane, value, channels)
    assert samples.mean(1) == pytest.approx(to_light(np.full(channels, value)), abs=0.06 * samples.std())


VALUES = (0.0, 0.4, 0.6, 0.8, 1.0)


def slopes(noise: Camera, lane, channels: int) -> np.ndarray:
    """Variance as a line over light: (slope, variance in the dark) by channel; every value lies on it."""
    lights = to_light(np.array(VALUES))
    variances = np.array([light(noise, lane, value, channels).var(1) for value in VALUES])  # (values, C)
    fitted = np.polyfit(lights, variances, 1, w=1 / variances.mean(1))
    assert variances == pytest.approx(fitted[0] * lights[:, np.newaxis] + fitted[1], rel=0.06)
    return fitted


def test_a_gray_sensor_has_a_variance_affine_in_light(lane):
    (slope,), (dark,) = slopes(replace(HARD, red=3, blue=3, colour=2, chroma=2), lane, 1)  # colour is nothing to it
    assert (slope, dark) == pytest.approx((1 / 2000, (10 / 2000) ** 2), rel=0.08)


def test_white_balance_amplifies_and_demosaicking_averages(lane):
    """A bilinear mean of 2 or 4 sites leaves 1/2 or 1/4: in green 5/8 over all sites, in red and blue 9/16."""
    gains, left = np.array([2, 1, 1.5]), np.array([9, 10, 9]) / 16
    slope, dark = slopes(replace(HARD, red=2, blue=1.5), lane, 3)
    assert slope == pytest.approx(left * gains / 2000, rel=0.08)
    assert dark == pytest.approx(left * (gains * 10 / 2000) ** 2, rel=0.08)


def test_the_colour_matrix_moves_colours_away_from_luma(lane):
    """The same counts, seen through two matrices, in a gray picture: luma alike, differences of colours twofold."""
    plain, strong = (light(replace(HARD, peak=1e5, colour=strength), lane, 0.5) for strength in (1, 2))
    luma = np.array([0.299, 0.587, 0.114])
    assert luma @ strong == pytest.approx(luma @ plain, abs=2e-5)
    assert strong - strong[1] == pytest.approx(2 * (plain - plain[1]), abs=5e-5)


@pytest.mark.parametrize("gradient", [0, 1])
def test_demosaicking_makes_grains(lane, gradient):
    noise = np.asarray(replace(HARD, gradient=gradient).apply(lane.flat(0.5), lane.draw())) - 0.5
    assert min(at_lag_1(noise)) > 0.1


def test_a_gray_sensor_has_none(lane):
    noise = np.asarray(HARD.apply(lane.flat(0.5, channels=1), lane.draw())) - 0.5
    assert np.abs(at_lag_1(noise)).max() < 0.03


def test_power_falls_towards_high_frequencies_and_sooner_in_colour(lane):
    noise = np.asarray(TYPICAL.apply(lane.flat(0.5), lane.draw())) - 0.5
    luma, chroma = (
        np.square(np.abs(np.fft.fft2(part))).reshape(-1, 160, 160).mean(0) for part in luma_and_chroma(noise)
    )
    frequency = np.hypot(np.fft.fftfreq(160)[:, np.newaxis], np.fft.fftfreq(160))
    for power, lowest_over_highest in ((luma, 5), (chroma, 50)):
        bands = [power[(low < frequency) & (frequency <= low + 0.1)].mean() for low in (0, 0.1, 0.2, 0.3, 0.4)]
        assert bands == sorted(bands, reverse=True)
        assert bands[0] / bands[-1] > lowest_over_highest


def test_the_noise_of_a_reduced_picture_is_in_the_family(one_by_one):
    """Scaling shortens its lengths: that is less softening and a sharper demosaicking, no noise of another kind."""

    def reduced(plane: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(plane).resize((300, 300), Image.Resampling.LANCZOS))

    def lags(noise: np.ndarray) -> np.ndarray:
        return np.array([np.mean(at_lag_1(part)) for part in luma_and_chroma(noise)])

    flat, draw = one_by_one.flat(0.5, 512), one_by_one.draw()
    whole = TYPICAL.apply(flat, draw) - flat
    small = lags(np.stack([reduced(plane) for plane in whole]))
    sharpest = lags(replace(TYPICAL, gradient=1, soft=0, chroma=0.5).apply(flat, draw) - flat)
    assert (sharpest < small).all()
    assert (small < lags(whole)).all()


def test_details_of_the_picture_pass_untouched(lane):
    fine = lane.array((np.indices((3, 33, 34)).sum(0) % 2).astype(np.float32))  # each pixel another than the next
    noisy = np.asarray(replace(TYPICAL, peak=1e6, read=0).apply(fine, lane.draw()))
    assert np.abs(noisy - np.asarray(fine)).max() < 0.02


def test_the_border_is_as_noisy_as_the_middle(batches):
    pictures = torch.full((4000, 3, 9, 10), 0.5)
    noise = np.asarray(TYPICAL.apply(pictures, batches.draw())) - 0.5
    spread = noise.std((0, 1))
    assert spread == pytest.approx(np.full((9, 10), spread.mean()), rel=0.1)


def test_every_pixel_may_be_red(lane):
    """A measured site is noisier than one filled in; which ones are measured is drawn anew."""
    noisiest = set()
    for seed in range(16):
        red = np.asarray(HARD.apply(lane.flat(0.5), lane.draw(seed)))[..., 0, :, :]
        sites = {(row, column): red[..., row::2, column::2].std() for row in (0, 1) for column in (0, 1)}
        noisiest.add(max(sites, key=sites.get))
    assert len(noisiest) == 4


def test_each_picture_of_a_batch_has_its_own_camera(batches):
    peaks, radii = torch.tensor([[100.0, 1000, 1000, 1000], [0.0, 0, 0.5, 1]]).reshape(2, 4, 1, 1, 1)
    noise = Camera(peak=peaks, read=0, soft=radii).apply(batches.flat(0.5), batches.draw()) - 0.5
    spread = noise.mean(1).std((1, 2)).tolist()
    assert spread == sorted(spread, reverse=True)
    assert spread[0] / spread[1] == pytest.approx(10**0.5, rel=0.1)


class SharedDraw(NumpyDraw):
    """NumPy's values for torch."""

    def normal(self, like):
        return torch.from_numpy(super().normal(like))

    def uniform(self, like):
        return torch.from_numpy(super().uniform(like))

    def poisson(self, mean):
        return torch.from_numpy(super().poisson(mean.numpy()))


@pytest.mark.parametrize("channels", [1, 3])
def test_both_lanes_make_the_same_of_the_same_counts(one_by_one, channels):
    clean = one_by_one.smooth(21, channels=channels)
    here = TYPICAL.apply(clean, NumpyDraw(np.random.default_rng(3)))
    there = TYPICAL.apply(torch.from_numpy(clean), SharedDraw(np.random.default_rng(3)))
    np.testing.assert_allclose(there.numpy(), here, atol=2e-5)


def test_the_file_spoils_the_noise_and_not_the_picture(one_by_one):
    fine = np.zeros((3, 64, 64), np.float32) + 0.5
    fine[0, :, ::2] = 0.9  # colours that a JPEG at half the resolution cannot hold
    still = Camera(peak=1e6, read=0, quality=75)
    assert np.abs(still.apply(fine, one_by_one.draw()) - fine).max() < 0.06
    flat = np.full_like(fine, 0.5)
    noisy = [Camera(peak=2000, soft=0, quality=quality).apply(flat, one_by_one.draw()) for quality in (0, 30)]
    assert noisy[1].std() < 0.8 * noisy[0].std()  # fine grains are rounded away


@pytest.mark.parametrize("quality", ["0..2", "0..95", "0.5..90"])
def test_a_file_of_no_quality_is_refused_before_any_is_drawn(quality):
    with pytest.raises(NoiseError, match="from 1 to 100"):
        parse(f"camera:quality={quality}")
    low, high = map(float, quality.split(".."))
    with pytest.raises(NoiseError, match="from 1 to 100"):
        Camera(quality=Range(int(low), int(high)))
