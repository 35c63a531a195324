"""Where the tiles of a picture lie: arithmetic only, no pixels.

The picture is framed by a margin that mirrors it, so that a network's own zero padding never touches a pixel. Tiles lie
inside the frame and overlap by two halos; each answers for its core, what the halo leaves of it, and up to the frame
itself at the frame's sides. With a halo as wide as the model looks, tiles give what the whole frame would, exactly.
Where no halo could be wide enough, cores overlap and are faded into each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from degrain.spec import InputRule

MARGIN = 16  # pixels of mirrored frame; a network needs to see where a picture ends, not a whole halo of it


@dataclass(frozen=True)
class Box:
    """One tile, in pixels of the picture.

    Attributes:
        top: first row; negative above the picture.
        left: first column; negative beside the picture.
        height: rows, halo included.
        width: columns, halo included.
        core: the rows and columns of the picture that this tile answers for; where tiles are blended, it shares its
            outermost with its neighbours.
    """

    top: int
    left: int
    height: int
    width: int
    core: tuple[slice, slice]


@dataclass(frozen=True)
class TilePlan:
    """Boxes of one size whose cores cover a picture. Iterate to get them, row by row.

    Attributes:
        rows: how the tiles lie from top to bottom.
        columns: how they lie from left to right.
    """

    rows: "Axis"
    columns: "Axis"

    @classmethod
    def cover(cls, height: int, width: int, rule: InputRule, tile: int, halo: int) -> "TilePlan":
        """Cover a picture with as few boxes as possible, all as small as that count allows.

        Args:
            height: rows of the picture, at least 1.
            width: columns of the picture, at least 1.
            rule: what the model takes; scopes other than ``"tile"`` give one box, for ``"resize"`` the picture itself.
            tile: longest side of a box, halo included; raised to the smallest box that has a core, and without a
                meaning where the rule is exact.
            halo: context the model needs, in pixels.
        """
        return cls(Axis.cover(height, rule, tile, halo), Axis.cover(width, rule, tile, halo))

    @property
    def box_height(self) -> int:
        """Rows of every box, halo included."""
        return self.rows.side

    @property
    def box_width(self) -> int:
        """Columns of every box, halo included."""
        return self.columns.side

    def __len__(self) -> int:
        return self.rows.count * self.columns.count

    def __iter__(self) -> Iterator[Box]:
        for (top, rows), (left, columns) in product(self.rows, self.columns):
            yield Box(top, left, self.box_height, self.box_width, (rows, columns))


@dataclass(frozen=True)
class Axis:
    """Tiles along one side of a picture.

    Attributes:
        length: of the picture, pixels.
        margin: mirrored pixels before it; those after it reach to ``frame``.
        frame: pixels from the first tile's start to the last one's end.
        side: of each tile.
        halo: what a tile gives up where it has a neighbour.
        blend: pixels that the cores of two neighbours share, at least.
        count: of tiles.
    """

    length: int
    margin: int
    frame: int
    side: int
    halo: int
    blend: int
    count: int

    @classmethod
    def cover(cls, length: int, rule: InputRule, tile: int, halo: int) -> "Axis":
        """As ``TilePlan.cover`` says. All but ``length`` are multiples: strides meet the same pixels in each tile."""
        if rule.scope == "resize":
            return cls(length, 0, length, length, halo=0, blend=0, count=1)
        step, shared, margin = rule.multiple_of, rule.shared(halo), rule.rounded_up(min(halo, MARGIN))
        halo, blend = rule.rounded_up(halo), rule.rounded_up(rule.blend)
        least = rule.rounded_up(max(rule.minimum, shared + 1))
        largest = rule.exact or max(tile // step * step, least)
        frame = rule.rounded_up(max(length + 2 * margin, rule.exact or rule.minimum))
        if rule.scope == "whole" or frame <= largest:
            return cls(length, margin, frame, frame, halo, blend, count=1)
        count = -(-(frame - shared) // (largest - shared))
        side = rule.exact or max(rule.rounded_up(-(-(frame - shared) // count)) + shared, least)
        return cls(length, margin, frame, side, halo, blend, count)

    def __iter__(self) -> Iterator[tuple[int, slice]]:
        """Each tile's start and core, in pixels of the picture."""
        stride = self.side - 2 * self.halo - self.blend
        starts = [min(index * stride, self.frame - self.side) - self.margin for index in range(self.count)]
        firsts = [0, *(start + self.halo for start in starts[1:])]
        last_ends = [start + self.side - self.halo for start in starts[:-1]] if self.blend else firsts[1:]
        for start, first, end in zip(starts, firsts, [*last_ends, self.length], strict=True):
            yield start, slice(min(max(first, 0), self.length), min(max(end, 0), self.length))
