"""How far a candidate is from the clean picture, sample by sample."""

import math

import numpy as np

from degrain.errors import ImageError
from degrain.images.scale import Unit


def mse(clean: Unit, candidate: Unit) -> float:
    """Mean squared error over all samples of all channels, unit range squared.

    Raises:
        ImageError: when the pictures differ in shape.
    """
    return float(np.mean(np.square(difference(clean, candidate)), dtype=np.float64))


def mae(clean: Unit, candidate: Unit) -> float:
    """Mean absolute error over all samples of all channels, unit range. Raises like ``mse``."""
    return float(np.mean(np.abs(difference(clean, candidate)), dtype=np.float64))


def psnr(clean: Unit, candidate: Unit) -> float:
    """Peak signal-to-noise ratio in dB for a peak of 1.0: one MSE over all channels. Raises like ``mse``.

    >>> psnr(np.zeros((1, 8, 8), np.float32), np.full((1, 8, 8), 0.5, np.float32))
    6.020599913279624
    """
    error = mse(clean, candidate)
    return math.inf if error == 0 else -10 * math.log10(error)


def pairwise_distance(clean: Unit, candidate: Unit) -> float:
    """Mean over pixel rows of the Euclidean distance between a row and its counterpart, unit range.

    ``mean over C and H of sqrt(sum over W of (clean - candidate)^2)``: what torch's ``PairwiseDistance`` gives for
    pictures when its rows are averaged. It grows with the root of the width, so only pictures of one width compare.
    torch adds 1e-6 to each difference, to have a gradient at zero; here equal pictures are at distance 0. Raises like
    ``mse``.
    """
    return float(np.mean(np.linalg.norm(difference(clean, candidate), axis=-1), dtype=np.float64))


def difference(clean: Unit, candidate: Unit) -> Unit:
    """Candidate minus clean, for pictures of one shape; NumPy alone would spread gray over colour in silence."""
    if clean.shape != candidate.shape:
        raise ImageError(f"pictures to compare must have one shape, got {clean.shape} and {candidate.shape}")
    return candidate - clean
