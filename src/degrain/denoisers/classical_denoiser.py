"""Methods from before networks, as denoisers: the yardsticks that a network must beat.

Each is told sigma or estimates it, and sees the whole picture. The parameters follow sigma alone, so that a
comparison tunes none of them to the picture.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from degrain.errors import MissingExtra
from degrain.images.scale import Unit
from degrain.lazy import load
from degrain.spec import InputRule, ModelSpec

EXTRA = "classical"
Image = npt.NDArray[np.float32]  # (h, w) gray or (h, w, 3) colour


def _spec(name: str, method: str, paper: str, licence: str = "BSD-3-Clause") -> ModelSpec:
    return ModelSpec(
        name=name,
        planes={1: (0,), 3: (0, 1, 2)},
        width=3,
        input=InputRule(minimum=16, scope="whole"),  # room for a wavelet or a search window
        wants_level=True,
        card={"method": method, "paper": paper, "licence": licence},
    )


class ClassicalDenoiser(ABC):
    """The common part: one picture at a time, sigma from the level map or from the picture."""

    spec: ClassVar[ModelSpec]

    def __init__(self) -> None:
        self._dwt2 = load("pywt:dwt2", EXTRA)

    def __call__(self, tiles: Unit, level: Unit) -> Unit:
        """As ``Denoiser`` says; the mean of the level map is the sigma of the whole tile."""
        return np.stack([self._one(tile, float(sigma.mean())) for tile, sigma in zip(tiles, level, strict=True)])

    def _one(self, tile: Unit, sigma: float) -> Unit:
        image = tile[0] if len(tile) == 1 else tile.transpose(1, 2, 0)
        sigma = sigma or self._estimate(image)
        if sigma == 0 or not np.ptp(image, axis=(0, 1)).any():
            return tile  # flat: no noise to remove, and nothing to divide by
        clean = np.asarray(self.clean(image, sigma), np.float32)
        return clean.reshape(*image.shape[:2], len(tile)).transpose(2, 0, 1)

    def _estimate(self, image: Image) -> float:
        """Sigma from the median of the finest diagonal details, flat areas left out [Donoho and Johnstone 1994]."""
        _, (_, _, details) = self._dwt2(image, "db2", axes=(0, 1))
        sizes = np.abs(details[details != 0])
        return float(np.median(sizes)) / 0.6745 if sizes.size else 0.0

    @abstractmethod
    def clean(self, image: Image, sigma: float) -> Image:
        """Denoise (h, w) or (h, w, 3) in unit range, sigma > 0 in unit range."""


class NonLocalMeans(ClassicalDenoiser):
    """Averages pixels whose surroundings look alike."""

    spec = _spec("nlm", "non-local means", "Buades, Coll and Morel 2005, doi:10.1109/CVPR.2005.38")

    def __init__(self) -> None:
        super().__init__()
        self._denoise = load("skimage.restoration:denoise_nl_means", EXTRA)

    def clean(self, image: Image, sigma: float) -> Image:
        """Patches of 5x5 within 13x13; h = 0.8 sigma, as scikit-image advises when it is told sigma."""
        return self._denoise(  # type: ignore[no-any-return]
            image,
            patch_size=5,
            patch_distance=6,
            h=0.8 * sigma,
            sigma=sigma,
            fast_mode=True,
            channel_axis=_channel_axis(image),
        )


class TotalVariation(ClassicalDenoiser):
    """Finds the picture with the least variation that still resembles the noisy one."""

    spec = _spec("tv", "total variation", "Chambolle 2004, doi:10.1023/B:JMIV.0000011325.36760.1e")

    def __init__(self) -> None:
        super().__init__()
        self._denoise = load("skimage.restoration:denoise_tv_chambolle", EXTRA)

    def clean(self, image: Image, sigma: float) -> Image:
        """Weight (0.65 + 1.5 sigma) sigma: within 0.03 dB of the best on five scikit-image pictures, sigma 15 to 50."""
        unit = max(float(np.abs(image).max()) / 2, 1.0)  # floats may count in thousands; noise leaves 0..1 by less
        found: Image = self._denoise(
            image / unit,
            weight=(0.65 + 1.5 * sigma / unit) * sigma / unit,
            eps=1e-5,  # the default, 2e-4, stops so early that more weight may smooth less
            channel_axis=_channel_axis(image),
        )
        return found * unit


class WaveletShrinkage(ClassicalDenoiser):
    """Shrinks the wavelet coefficients that noise explains."""

    spec = _spec("wavelet", "wavelet shrinkage (BayesShrink)", "Chang, Yu and Vetterli 2000, doi:10.1109/83.862633")

    def __init__(self) -> None:
        super().__init__()
        self._denoise = load("skimage.restoration:denoise_wavelet", EXTRA)

    def clean(self, image: Image, sigma: float) -> Image:
        """Soft thresholds per band; colour in YCbCr, where noise and picture part better."""
        return self._denoise(  # type: ignore[no-any-return]
            image,
            sigma=sigma,
            method="BayesShrink",
            mode="soft",
            convert2ycbcr=image.ndim == 3,
            rescale_sigma=True,
            channel_axis=_channel_axis(image),
        )


class Bm3d(ClassicalDenoiser):
    """Filters stacks of similar blocks together; its authors' package, which you install yourself."""

    spec = _spec("bm3d", "BM3D", "Makinen, Azzari and Foi 2020, doi:10.1109/TIP.2020.3014721", "non-commercial")

    def __init__(self) -> None:
        super().__init__()
        try:
            self._gray, self._colour = load("bm3d:bm3d"), load("bm3d:bm3d_rgb")
        except ImportError as error:
            raise MissingExtra(
                "bm3d needs the package of its authors, which is licensed for non-commercial use only",
                hint="if that licence suits you: pip install bm3d",
            ) from error

    def clean(self, image: Image, sigma: float) -> Image:
        """The authors' default profile; colour through an opponent transform."""
        if image.ndim == 2:
            return self._gray(image, sigma)  # type: ignore[no-any-return]
        if not np.ptp(image, axis=2).any():  # gray in three channels: the package would divide by its chrominance, 0
            return np.dstack([self._gray(image[..., 0], sigma)] * 3)
        return self._colour(image, sigma)  # type: ignore[no-any-return]


def _channel_axis(image: Image) -> int | None:
    return -1 if image.ndim == 3 else None
