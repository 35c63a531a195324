"""Where the tiles of a picture lie: arithmetic only, no pixels.

The picture is framed by a margin that mirrors it, so that a network's own zero padding never touches a pixel. Tiles lie
inside the frame and overlap by two halos; each answers for its core, what the halo leaves of it, and up to the frame
itself at the frame's sides. With a halo as wide as the model looks, tiles give what the whole frame would, exactly.
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
        core: the rows and columns of the picture that this tile answers for.
    """

    top: int
    left: int
    height: int
    width: int
    core: tuple[slice, slice]


@dataclass(frozen=True)
class TilePlan:
    """Boxes of one size whose cores cover a picture, each pixel once. Iterate to get them, row by row.

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
            rule: what the model takes; a ``"whole"`` scope gives one box.
            tile: longest side of a box, halo included; raised to the smallest box that has a core.
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
        count: of tiles.
    """

    length: int
    margin: int
    frame: int
    side: int
    halo: int
    count: int

    @classmethod
    def cover(cls, length: int, rule: InputRule, tile: int, halo: int) -> "Axis":
        """As ``TilePlan.cover`` says. All but ``length`` are multiples: strides meet the same pixels in each tile."""
        step = rule.multiple_of
        halo, margin = _round_up(halo, step), _round_up(min(halo, MARGIN), step)
        frame = _round_up(max(length + 2 * margin, rule.minimum), step)
        largest = max(tile // step * step, _round_up(max(rule.minimum, 2 * halo + 1), step))
        if rule.scope == "whole" or frame <= largest:
            return cls(length, margin, frame, frame, halo, count=1)
        count = -(-(frame - 2 * halo) // (largest - 2 * halo))
        side = _round_up(-(-(frame - 2 * halo) // count), step) + 2 * halo
        return cls(length, margin, frame, max(side, _round_up(rule.minimum, step)), halo, count)

    def __iter__(self) -> Iterator[tuple[int, slice]]:
        """Each tile's start and core, in pixels of the picture."""
        starts = [min(index * (self.side - 2 * self.halo), self.frame - self.side) for index in range(self.count)]
        edges = [0, *(start + self.halo - self.margin for start in starts[1:]), self.length]
        for start, first, end in zip(starts, edges, edges[1:], strict=False):
            yield start - self.margin, slice(min(max(first, 0), self.length), min(max(end, 0), self.length))


def _round_up(value: int, step: int) -> int:
    return -(-value // step) * step
