"""Printing inks and luma to light, and light to luma."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from degrain.images.scale import Samples

LUMA = (0.299, 0.587, 0.114)  # red, green, blue in full-range luma, ITU-R BT.601


def luma(picture: Any) -> Any:
    """Full-range luma of NumPy arrays and torch tensors: (..., 3, H, W) -> (..., 1, H, W); gray stays as it is.

    >>> luma(np.ones((3, 2, 2), np.float32)).shape
    (1, 2, 2)
    """
    if picture.shape[-3] == 1:
        return picture
    return sum(weight * picture[..., plane : plane + 1, :, :] for plane, weight in enumerate(LUMA))


def cmyk_to_rgb(inks: Image.Image, icc: bytes | None) -> Image.Image:
    """RGB of a CMYK image (0 = no ink), without the profile of the inks: what comes out is sRGB.

    With a profile, by Little CMS, perceptual intent. Without one, or when it is damaged: R = (1 - C)(1 - K), and
    so for G and B, as browsers do.
    """
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            converted = ImageCms.profileToProfile(inks, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or inks
        except (ImageCms.PyCMSError, OSError):
            pass
    return inks.convert("RGB")


def cmyk_samples_to_rgb(inks: Samples, icc: bytes | None) -> Samples:
    """The same for (H, W, 4) samples; profiles are for 8 bit only."""
    if inks.dtype == np.uint8:
        image = Image.frombytes("CMYK", (inks.shape[1], inks.shape[0]), np.ascontiguousarray(inks).tobytes())
        return np.asarray(cmyk_to_rgb(image, icc))
    full = float(np.iinfo(inks.dtype).max)
    light = full - inks.astype(np.float64)
    return np.rint(light[..., :3] * light[..., 3:] / full).astype(inks.dtype)


def ycbcr_to_rgb(samples: Samples) -> Samples:
    """RGB of (H, W, 3) uint8 luma and colour differences, full range as in JFIF (ITU-R BT.601)."""
    size = samples.shape[1], samples.shape[0]
    return np.asarray(Image.frombytes("YCbCr", size, np.ascontiguousarray(samples).tobytes()).convert("RGB"))
