"""Between Pillow images and arrays, without holding the pixels three times over."""

import numpy as np
from PIL import Image

from degrain.images.scale import Samples

STRIP = 256  # rows copied at a time


def samples_of(image: Image.Image) -> Samples:
    """(H, W) or (H, W, C) of a decoded image, copied strip by strip."""
    image.load()
    bands = len(image.getbands())
    shape = (image.height, image.width) if bands == 1 else (image.height, image.width, bands)
    samples = np.empty(shape, np.uint8)
    for top in range(0, image.height, STRIP):
        bottom = min(top + STRIP, image.height)
        samples[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return samples


def image_of(array: Samples) -> Image.Image:
    """L, LA, RGB or RGBA image of 8-bit samples, alpha last."""
    return Image.fromarray(np.ascontiguousarray(array.squeeze(2) if array.shape[2:] == (1,) else array))
