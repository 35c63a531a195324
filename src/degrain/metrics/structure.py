"""How much of the clean picture's structure a candidate keeps."""

import numpy as np

from degrain.errors import ImageError
from degrain.images.scale import Unit
from degrain.metrics.fidelity import difference

_RADIUS = 5  # window of 11x11
_TAPS = np.exp(-0.5 * (np.arange(-_RADIUS, _RADIUS + 1) / 1.5) ** 2)
WEIGHTS = (_TAPS / _TAPS.sum()).astype(np.float32)
SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # exponents of the paper, finest scale first
C1, C2 = np.float32(0.01**2), np.float32(0.03**2)  # K1, K2 of the paper for a data range of 1


def ssim(clean: Unit, candidate: Unit) -> float:
    """Structural similarity, at most 1.0: mean over pixels and channels.

    Gaussian window of 11x11 with sigma 1.5, K1 = 0.01, K2 = 0.03, data range 1, population covariance; the outer 5
    pixels, where the window leaves the picture, do not count. [Wang et al. 2004]

    Raises:
        ImageError: when the pictures differ in shape, or a side is shorter than the window.
    """
    error = difference(clean, candidate)
    _check_size("ssim", error, len(WEIGHTS))
    luminance, contrast = _similarity(clean, error)
    return _mean(luminance * contrast)


def ms_ssim(clean: Unit, candidate: Unit) -> float:
    """Multi-scale structural similarity, 0.0 to 1.0, with the five scales and weights of the paper.

    Contrast and structure count at every scale, luminance at the last; from one scale to the next, 2x2 pixels are
    averaged and an odd last row or column is left out. Each scale is a mean over pixels and channels, at least 0. The
    window is that of ``ssim``; fewer scales would be another metric, so small pictures are refused. [Wang et al. 2003]

    Raises:
        ImageError: when the pictures differ in shape, or a side is shorter than 176 pixels, the window at scale five.
    """
    error = difference(clean, candidate)
    _check_size("ms_ssim", error, len(WEIGHTS) << (len(SCALES) - 1))
    means = []
    for _ in SCALES[:-1]:
        means.append(_mean(_similarity(clean, error)[1]))
        clean, error = _halved(clean), _halved(error)
    luminance, contrast = _similarity(clean, error)
    means.append(_mean(luminance * contrast))
    return float(np.prod(np.maximum(means, 0) ** np.array(SCALES)))


def _check_size(name: str, picture: Unit, least: int) -> None:
    height, width = picture.shape[-2:]
    if min(height, width) < least:
        raise ImageError(
            f"{name} needs sides of at least {least} pixels, got {height}x{width}", hint="psnr and mae take any size"
        )


def _similarity(clean: Unit, error: Unit) -> tuple[Unit, Unit]:
    """Luminance, and contrast times structure, under each window.

    Eq. 13 of the paper of 2004 with candidate = clean + error, which keeps float32 exact where the two are close.
    """
    mean, shift = _blur(clean), _blur(error)
    variance = _blur(clean * clean) - mean * mean
    error_variance = _blur(error * error) - shift * shift
    covariance = variance + _blur(clean * error) - mean * shift
    mean_product = mean * (mean + shift)
    luminance: Unit = (2 * mean_product + C1) / (2 * mean_product + shift * shift + C1)
    both = 2 * covariance + C2
    contrast: Unit = both / (both + error_variance)
    return luminance, contrast


def _mean(values: Unit) -> float:
    return float(np.mean(values, dtype=np.float64))


def _halved(picture: Unit) -> Unit:
    """Means of 2x2 pixels: (C, H, W) -> (C, H // 2, W // 2)."""
    channels, height, width = picture.shape
    even = picture[:, : height // 2 * 2, : width // 2 * 2]
    quarters = even.reshape(channels, height // 2, 2, width // 2, 2)
    halved: Unit = quarters.mean(axis=(2, 4))
    return halved


def _blur(plane: Unit) -> Unit:
    """Weighted mean under the window wherever it fits: (C, H, W) -> (C, H - 10, W - 10)."""
    return _blur_rows(_blur_rows(plane).swapaxes(-1, -2)).swapaxes(-1, -2)


def _blur_rows(plane: Unit) -> Unit:
    """The one-dimensional window along H; its two halves are mirror images."""
    rows = plane.shape[-2] - 2 * _RADIUS
    blurred: Unit = WEIGHTS[_RADIUS] * plane[..., _RADIUS : _RADIUS + rows, :]
    for step in range(_RADIUS):
        mirror = 2 * _RADIUS - step
        blurred += WEIGHTS[step] * (plane[..., step : step + rows, :] + plane[..., mirror : mirror + rows, :])
    return blurred
