"""How much of the clean picture's structure a candidate keeps."""

import numpy as np

from degrain.errors import ImageError
from degrain.images.scale import Unit
from degrain.metrics.fidelity import difference

_RADIUS = 5  # window of 11x11
_TAPS = np.exp(-0.5 * (np.arange(-_RADIUS, _RADIUS + 1) / 1.5) ** 2)
_WEIGHTS = (_TAPS / _TAPS.sum()).astype(np.float32)
_C1, _C2 = 0.01**2, 0.03**2  # K1, K2 of the paper for a data range of 1


def ssim(clean: Unit, candidate: Unit) -> float:
    """Structural similarity, at most 1.0: mean over pixels and channels.

    Gaussian window of 11x11 with sigma 1.5, K1 = 0.01, K2 = 0.03, data range 1, population covariance; the outer 5
    pixels, where the window leaves the picture, do not count. [Wang et al. 2004]

    Raises:
        ImageError: when the pictures differ in shape, or a side is shorter than the window.
    """
    error = difference(clean, candidate)
    if min(error.shape[-2:]) < len(_WEIGHTS):
        height, width = error.shape[-2:]
        raise ImageError(f"ssim needs sides of at least {len(_WEIGHTS)} pixels, got {height}x{width}")
    mean, mean_error = _blur(clean), _blur(error)
    variance = _blur(clean * clean) - mean * mean
    variance_error = _blur(error * error) - mean_error * mean_error
    covariance_error = _blur(clean * error) - mean * mean_error
    return float(np.mean(_similarity(mean, mean_error, variance, variance_error, covariance_error), dtype=np.float64))


def _similarity(mean: Unit, shift: Unit, variance: Unit, error_variance: Unit, error_covariance: Unit) -> Unit:
    """Eq. 13 of the paper with candidate = clean + error, which keeps float32 exact where the two are close."""
    mean_product = mean * (mean + shift)
    covariance = variance + error_covariance
    luminance = (2 * mean_product + _C1) / (2 * mean_product + shift * shift + _C1)
    contrast = (2 * covariance + _C2) / (2 * covariance + error_variance + _C2)
    similarity: Unit = luminance * contrast
    return similarity


def _blur(plane: Unit) -> Unit:
    """Weighted mean under the window wherever it fits: (C, H, W) -> (C, H - 10, W - 10)."""
    return _blur_rows(_blur_rows(plane).swapaxes(-1, -2)).swapaxes(-1, -2)


def _blur_rows(plane: Unit) -> Unit:
    """The one-dimensional window along H; its two halves are mirror images."""
    rows = plane.shape[-2] - 2 * _RADIUS
    blurred: Unit = _WEIGHTS[_RADIUS] * plane[..., _RADIUS : _RADIUS + rows, :]
    for step in range(_RADIUS):
        mirror = 2 * _RADIUS - step
        blurred += _WEIGHTS[step] * (plane[..., step : step + rows, :] + plane[..., mirror : mirror + rows, :])
    return blurred
