"""Pictures made smaller: what is called clean afterwards has lost the marks of its JPEG or its sensor."""

import numpy as np
from PIL import Image

from degrain.images.picture import Picture


def reduced(picture: Picture, side: int) -> Picture:
    """The picture with its shorter side reduced to ``side`` pixels, its shape kept; never enlarged.

    Lanczos, in float32 and unclipped until it is stored.

    Args:
        picture: any.
        side: pixels; a picture whose shorter side is no longer comes back as it is.
    """
    shorter = min(picture.height, picture.width)
    if shorter <= side:
        return picture
    size = round(picture.width * side / shorter), round(picture.height * side / shorter)
    planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in picture.unit()]
    small = np.stack([np.asarray(plane.resize(size, Image.Resampling.LANCZOS)) for plane in planes], axis=2)
    return Picture(picture.scale.to_stored(small), picture.scale, source=picture.source)
