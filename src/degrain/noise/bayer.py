"""The colour mosaic of a sensor, and the way back to three planes, of NumPy arrays and torch batches alike."""

from dataclasses import dataclass
from typing import Any

REACH = 2  # pixels that demosaicking looks to each side


@dataclass(frozen=True)
class Bayer:
    """A Bayer mosaic: a quarter of the sites is red, a quarter blue, diagonally beside it, the rest green.

    Attributes:
        row, column: of the first red site, 0 or 1 each.
    """

    row: int = 0
    column: int = 0

    def mosaic(self, picture: Any) -> Any:
        """What the sites see: (..., 3, H, W) -> (..., 1, H, W)."""
        raw = picture[..., 1:2, :, :] + 0
        for plane, site in ((0, self._red), (2, self._blue)):
            raw[..., *site] = picture[..., plane : plane + 1, *site]
        return raw

    def balanced(self, raw: Any, red: Any, blue: Any) -> Any:
        """(..., 1, H, W) with red and blue sites multiplied by their gains."""
        raw = raw + 0
        raw[..., *self._red] *= red
        raw[..., *self._blue] *= blue
        return raw

    def demosaicked(self, raw: Any, gradient: Any) -> Any:
        """Three planes, the missing values from their neighbours: (..., 1, H + 4, W + 4) -> (..., 3, H, W).

        Linear, so the result for noise alone is the noise of the result.

        Args:
            raw: with REACH sites on each side that are used up.
            gradient: share of the correction by the gradient of the colour that is measured at the place: 0 is
                bilinear, 1 the filters of Malvar, He and Cutler [ICASSP 2004], sharper and noisier.
        """
        height, width = (length - 2 * REACH for length in raw.shape[-2:])

        def pair(down: int, right: int) -> Any:
            """The sum of two neighbours on opposite sides."""
            return sum(
                raw[..., REACH + y : REACH + y + height, REACH + x : REACH + x + width]
                for y, x in ((down, right), (-down, -right))
            )

        here, beside, above, diagonal = pair(0, 0) / 2, pair(0, 1), pair(1, 0), pair(1, 1) + pair(1, -1)
        far_beside, far_above = pair(0, 2), pair(2, 0)
        cross = (beside + above) / 4 + gradient / 8 * (4 * here - far_beside - far_above)
        across = beside / 2 + gradient / 8 * (5 * here - diagonal - far_beside + far_above / 2)
        along = above / 2 + gradient / 8 * (5 * here - diagonal - far_above + far_beside / 2)
        corner = diagonal / 4 + gradient / 8 * (6 * here - 1.5 * (far_beside + far_above))

        planes = here[..., [0, 0, 0], :, :]
        red, blue = self._red, self._blue
        for plane, own, other in ((0, red, blue), (2, blue, red)):
            planes[..., 1, *own] = cross[..., 0, *own]
            planes[..., plane, own[0], other[1]] = across[..., 0, own[0], other[1]]
            planes[..., plane, other[0], own[1]] = along[..., 0, other[0], own[1]]
            planes[..., plane, *other] = corner[..., 0, *other]
        return planes

    @property
    def _red(self) -> tuple[slice, slice]:
        return slice(self.row, None, 2), slice(self.column, None, 2)

    @property
    def _blue(self) -> tuple[slice, slice]:
        return slice(1 - self.row, None, 2), slice(1 - self.column, None, 2)
