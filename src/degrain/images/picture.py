"""A picture in memory: its samples as stored, the way to unit range, and all that must go back into the file."""

from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from degrain.errors import ImageError
from degrain.images.keep import NOTHING, Keep
from degrain.images.scale import EIGHT_BIT, PixelScale, Samples, Unit

DTYPES = frozenset({"bool", "uint8", "uint16", "int16", "float16", "float32", "float64"})
PREVIEW_AS_PNG = 1 << 20  # pixels, at most
_STRIP = 64  # rows: most colour shows in the first few


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture.

    The samples stay in their stored type, a quarter of the memory that float32 would take; whoever computes
    asks for the part it needs in unit range.

    Attributes:
        samples: (H, W, C) in the stored type, C = 1 or 3; upright, orientation applied.
        scale: stored samples <-> unit range.
        keep: alpha, EXIF, ICC, ...: everything else that must go back.
        source: where it came from, for messages.
    """

    samples: Samples
    scale: PixelScale
    keep: Keep = NOTHING
    source: str = "array"

    def __post_init__(self) -> None:
        alpha = self.keep.alpha
        if self.samples.ndim != 3 or self.samples.shape[2] not in (1, 3):
            raise ImageError(f"samples must be (H, W, 1) or (H, W, 3), got {self.samples.shape}")
        if alpha is not None and alpha.shape != self.samples.shape[:2]:
            raise ImageError(f"alpha is {alpha.shape}, the picture {self.samples.shape[:2]}; they must be alike")

    @classmethod
    def of_array(
        cls, array: npt.ArrayLike, *, keep: Keep = NOTHING, scale: PixelScale | None = None, source: str = "array"
    ) -> "Picture":
        """A picture of an array, not copied; ``array()`` gives the like back.

        Args:
            array: (H, W) or (H, W, C); channels come last: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
                bool, uint8, uint16, int16, or float16/32/64 with 0 = black and 1 = white.
            keep: what else belongs to it; its alpha and channel axis are taken from the array.
            scale: when the stored values do not use the full range of their type (12 bit in uint16).
            source: where it came from, for messages.

        Raises:
            ImageError: for any other shape or type.
        """
        values = np.asarray(array)
        channels = check_layout(values.shape, values.dtype)
        stacked = values.reshape(*values.shape[:2], channels)
        colours = channels - 1 + channels % 2  # 1, 1, 3, 3
        keep = replace(keep, alpha=stacked[..., colours] if channels > colours else None, channel_axis=values.ndim == 3)
        return cls(stacked[..., :colours], scale or PixelScale.of(values.dtype), keep, source)

    @property
    def height(self) -> int:
        """Rows, in pixels."""
        return int(self.samples.shape[0])

    @property
    def width(self) -> int:
        """Columns, in pixels."""
        return int(self.samples.shape[1])

    @property
    def channels(self) -> int:
        """1 for gray, 3 for colour; alpha is not counted."""
        return int(self.samples.shape[2])

    @property
    def is_gray(self) -> bool:
        """Whether all channels hold the same: one channel, or a gray picture that was saved in colour."""
        rows = range(0, self.height, _STRIP)
        strips = (self.samples[top : top + _STRIP] for top in rows)
        return all((strip[..., 1:] == strip[..., :1]).all() for strip in strips)

    def array(self) -> Samples:
        """Stored samples with alpha last: (H, W) when gray came so, else (H, W, C). A view when there is no alpha."""
        alpha = self.keep.alpha
        if alpha is not None:
            return np.concatenate([self.samples, alpha[..., np.newaxis]], axis=2, dtype=self.samples.dtype)
        return self.samples if self.channels == 3 or self.keep.channel_axis else self.samples[..., 0]

    def unit(self) -> Unit:
        """The whole picture as (C, H, W) float32 in unit range."""
        return self.scale.to_unit(self.samples).transpose(2, 0, 1)

    def __repr__(self) -> str:
        """Short: the samples would fill the page."""
        return f"Picture({'x'.join(map(str, self.samples.shape))} {self.samples.dtype}, {self.source!r})"

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows of a picture, whatever its type has; larger ones would swell the notebook as PNG."""
        return self._preview("PNG") if self.samples[..., 0].size <= PREVIEW_AS_PNG else None

    def _repr_jpeg_(self) -> bytes | None:
        """What a notebook shows of a large picture."""
        return self._preview("JPEG", quality=88) if self.samples[..., 0].size > PREVIEW_AS_PNG else None

    def _preview(self, kind: str, **options: int) -> bytes:
        eight, file = self.shown(), BytesIO()
        Image.fromarray(eight if self.channels == 3 else eight[..., 0]).save(file, kind, **options)
        return file.getvalue()

    def shown(self) -> Samples:
        """Samples in 8 bit, to be looked at: (H, W, C) uint8, what is beyond the range clipped, NaN black."""
        if self.scale == EIGHT_BIT:
            return self.samples
        return EIGHT_BIT.to_stored(np.nan_to_num(self.scale.to_unit(self.samples), nan=0.0, posinf=1.0, neginf=0.0))

    def with_unit(self, unit: Unit) -> "Picture":
        """A picture of the same kind with other pixels, (C, H, W) in unit range."""
        return self.with_samples(self.scale.to_stored(unit.transpose(1, 2, 0)))

    def with_samples(self, samples: Samples) -> "Picture":
        """A picture of the same kind with other stored samples, (H, W, C)."""
        return replace(self, samples=samples)


def as_picture(source: object) -> Picture:
    """The picture itself, or a picture of an array.

    Raises:
        ImageError: for an array that cannot be one, and for anything else.
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, np.ma.MaskedArray):
        raise ImageError("a masked array has pixels without a value", hint="fill them first: array.filled(...)")
    if isinstance(source, np.ndarray):
        return Picture.of_array(source)
    raise ImageError(
        f"a picture is a Picture or a NumPy array, got {type(source).__name__}",
        hint="degrain.read opens a file, numpy.asarray makes an array",
    )


def check_layout(shape: tuple[int, ...], dtype: npt.DTypeLike) -> int:
    """Number of channels, alpha counted, of an array that can be a picture; ImageError for one that cannot."""
    kind = np.dtype(dtype)
    if kind.name not in DTYPES:
        raise ImageError(
            f"pixels must be {', '.join(sorted(DTYPES))}, not {kind.name}", hint="convert with array.astype(...) first"
        )
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise ImageError(f"a picture is (H, W) or (H, W, channels) with at least one pixel, got {shape}")
    if len(shape) == 2:
        return 1
    if shape[2] > 4:
        raise ImageError(
            f"the last axis holds the channels, 1 to 4 of them, got {shape}",
            hint="channels first? numpy.moveaxis(array, 0, -1); a stack? one file for each picture",
        )
    return shape[2]
