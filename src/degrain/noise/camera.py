"""The noise of a camera's pictures: counted on a colour mosaic, developed, softened, coded."""

from dataclasses import dataclass
from typing import Any

from degrain.errors import NoiseError
from degrain.images.colour import luma
from degrain.images.tone import to_coded, to_light
from degrain.noise.base import Noise, Range, Setting, setting
from degrain.noise.bayer import REACH, Bayer
from degrain.noise.blur import Kernel, blurred, extended, gaussian_kernel, reach_of
from degrain.noise.draw import Draw
from degrain.noise.jpeg import Jpeg


@dataclass(frozen=True)
class Camera(Noise):
    """y = x + jpeg(x + m) - jpeg(x), m = blur * (tone(light + demosaic(n)) - x), light = tone^-1(x), n the sensor's.

    In the order of a camera: light falls on a Bayer mosaic and is counted there; white balance amplifies red and
    blue; demosaicking fills in the missing colours and makes grains of the noise; the colour matrix brings colours to
    full strength; the tone curve of sRGB lifts the dark; noise reduction and scaling soften, colour more than
    brightness; the file is a JPEG.

    Only the noise is demosaicked, softened and coded, not the picture: its details stay where and as sharp as they
    were, its colours as clean, as in the mean of many captures. A model that learns from this has no reason to redraw
    them. So nothing is scaled either; a picture reduced to 0.6 has the noise of one less softened, and an enlarged one
    that of one more.

    Attributes:
        peak: electrons at white on a green site; full well / (ISO / base ISO): about 60,000 down to 100.
        read: standard deviation of the read noise, electrons.
        red, blue: gains of the white balance, green having 1; about 2 by day, 1.2 and 2.6 by lamplight.
        colour: factor by which the colour matrix drives colours away from gray, 1 to 2: sensors see them paler.
        gradient: share of the gradient correction in demosaicking, 0 = bilinear, 1 = Malvar, He and Cutler.
        soft: standard deviation in pixels of the blur of the brightness noise.
        chroma: that of the colour noise.
        quality: of the JPEG, 1 to 100; 0 = none.
    """

    peak: Setting = setting(1000.0, 1, 1e6)
    read: Setting = setting(3.0, 0, 1000)
    red: Setting = setting(2.0, 0.1, 10)
    blue: Setting = setting(1.6, 0.1, 10)
    colour: Setting = setting(1.5, 1, 10)
    gradient: Setting = setting(0.5, 0, 1)
    soft: Setting = setting(0.5, 0, 20)
    chroma: Setting = setting(1.5, 0, 20)
    quality: Setting = setting(0.0, 0, 100)

    def __post_init__(self) -> None:
        super().__post_init__()
        least = self.quality.low if isinstance(self.quality, Range) else self.quality
        if isinstance(least, float) and least < 1 and self.quality != 0:  # pinned, it is one for each picture
            raise NoiseError(
                f"camera needs quality 0 (no JPEG) or from 1 to 100, got {self.quality}", hint="try 80..95"
            )

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Take the picture. Not clipped, unless it is coded.

        Three channels are colour; any other number are planes of sensors without a mosaic: gain 1, no ``chroma``.
        Before softening, the mean of the light is that of the clean picture; what a red site counts, balanced, has the
        variance red light / peak + (red read / peak)^2, the other sites likewise.
        """
        noisy = clean + (self._colour(clean, draw) if clean.shape[-3] == 3 else self._gray(clean, draw))
        if isinstance(self.quality, float) and not self.quality:
            return noisy
        file = Jpeg(self.quality)
        return clean + file.apply(noisy, draw) - file.apply(clean, draw)

    def _gray(self, clean: Any, draw: Draw) -> Any:
        soft = gaussian_kernel(self.soft)
        wide = extended(clean, reach_of(soft))
        return blurred(to_coded(self._counted(to_light(wide), draw)) - wide, soft)

    def _colour(self, clean: Any, draw: Draw) -> Any:
        soft, chroma = gaussian_kernel(self.soft), gaussian_kernel(self.chroma)
        reach = max(reach_of(soft), reach_of(chroma))
        wide = extended(clean, reach + REACH)
        light, bayer = to_light(wide), _any_bayer(clean, draw)
        seen = bayer.mosaic(_coloured(light, 1 / self.colour))
        counted = self._counted(bayer.balanced(seen, 1 / self.red, 1 / self.blue), draw)
        noise = bayer.demosaicked(bayer.balanced(counted, self.red, self.blue) - seen, self.gradient)
        noise = to_coded(_trimmed(light, REACH) + _coloured(noise, self.colour)) - _trimmed(wide, REACH)
        bright = luma(noise)
        return _softened(bright, soft, reach) + _softened(noise - bright, chroma, reach)

    def _counted(self, light: Any, draw: Draw) -> Any:
        """Electrons, counted and read out, as a share of the peak."""
        return (draw.poisson(light * self.peak) + self.read * draw.normal(light)) / self.peak


def _any_bayer(like: Any, draw: Draw) -> Bayer:
    """One of the four phases: else a network would learn which pixels are red."""
    return Bayer(*divmod(int(4 * draw.uniform(like.reshape(-1)[:1])[0]), 2))


def _coloured(picture: Any, factor: Any) -> Any:
    """Colours driven away from gray, or with a factor below 1 towards it."""
    gray = luma(picture)
    return gray + factor * (picture - gray)


def _softened(noise: Any, kernel: Kernel, reach: int) -> Any:
    """Blurred, and smaller by ``reach`` on each side whatever the kernel."""
    return blurred(_trimmed(noise, reach - reach_of(kernel)), kernel)


def _trimmed(picture: Any, margin: int) -> Any:
    """(..., H, W) without so many pixels on each side."""
    height, width = picture.shape[-2:]
    return picture[..., margin : height - margin, margin : width - margin]
