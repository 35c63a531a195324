"""What JPEG does to a picture, by JPEG itself."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import JpegImagePlugin

from degrain.errors import ImageError
from degrain.images.pillow import image_of, samples_of
from degrain.images.scale import EIGHT_BIT, Unit
from degrain.noise.base import Noise, Setting, setting
from degrain.noise.draw import Draw

_LONGEST = 65_500  # pixels a side, libjpeg's limit


@dataclass(frozen=True)
class Jpeg(Noise):
    """Coded with Pillow and decoded again, colour with halved chroma; clipped and rounded to 8 bit by nature.

    A torch batch goes through the CPU, picture by picture: a GPU waits for it.

    Attributes:
        quality: libjpeg's, 1 (worst) to 100; rounded.
    """

    quality: Setting = setting(40.0, 1, 100)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Code and decode; three channels are RGB, any other number goes one by one.

        Raises:
            ImageError: a side above 65500 pixels.
        """
        return draw.each(_recoded, clean, self.quality)


def _recoded(clean: Unit, quality: float) -> Unit:
    """A (C, H, W) picture after JPEG."""
    channels, *sides = clean.shape
    if max(sides) > _LONGEST:
        raise ImageError(f"jpeg needs sides up to {_LONGEST} pixels, got {max(sides)}", hint="cut the picture")
    if channels not in (1, 3):
        return np.concatenate([_recoded(plane[np.newaxis], quality) for plane in clean])
    file = io.BytesIO()
    image_of(EIGHT_BIT.to_stored(clean.transpose(1, 2, 0))).save(file, "JPEG", quality=round(quality))
    file.seek(0)
    samples = samples_of(JpegImagePlugin.JpegImageFile(file)).reshape(*sides, channels)
    return EIGHT_BIT.to_unit(samples.transpose(2, 0, 1))
