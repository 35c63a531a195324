"""Where the tiles of a picture lie: arithmetic only, no pixels.

The picture is thought of as mirrored at its borders without end, so a tile may reach outside of it anywhere and
the borders are no special case. Every tile carries a halo of context that is dropped when the tiles are joined;
with a halo as wide as the model looks, tiles give what the whole picture would give, exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from degrain.spec import InputRule


@dataclass(frozen=True)
class Box:
    """One tile, in pixels of the picture.

    Attributes:
        top: first row; negative above the picture.
        left: first column; negative beside the picture.
        height: rows, halo included.
        width: columns, halo included.
        halo: width of the rim that only gives context.
    """

    top: int
    left: int
    height: int
    width: int
    halo: int

    @property
    def core(self) -> tuple[slice, slice]:
        """The rows and columns this tile answers for; slicing ends them at the picture's edge."""
        rim = self.halo
        return (
            slice(self.top + rim, self.top + self.height - rim),
            slice(self.left + rim, self.left + self.width - rim),
        )


@dataclass(frozen=True)
class TilePlan:
    """Boxes of one size whose cores cover a picture, each pixel once. Iterate to get them, row by row.

    Attributes:
        height: rows of the picture.
        width: columns of the picture.
        core_height: rows from one box to the next.
        core_width: columns from one box to the next.
        halo: rim around each core; like the cores a multiple of what the model asks, so that strides of the model
            fall on the same pixels in every tile.
    """

    height: int
    width: int
    core_height: int
    core_width: int
    halo: int

    @classmethod
    def cover(cls, height: int, width: int, rule: InputRule, tile: int, halo: int) -> "TilePlan":
        """Cover a picture with as few boxes as possible, all as small as that count allows.

        Args:
            height: rows of the picture, at least 1.
            width: columns of the picture, at least 1.
            rule: what the model takes; a ``"whole"`` scope gives one box.
            tile: longest side of a box, halo included; raised to the smallest box the model takes.
            halo: context the model needs, in pixels.
        """
        halo = _round_up(halo, rule.multiple_of)
        return cls(height, width, _core(height, rule, tile, halo), _core(width, rule, tile, halo), halo)

    @property
    def box_height(self) -> int:
        """Rows of every box, halo included."""
        return self.core_height + 2 * self.halo

    @property
    def box_width(self) -> int:
        """Columns of every box, halo included."""
        return self.core_width + 2 * self.halo

    def __len__(self) -> int:
        return -(-self.height // self.core_height) * -(-self.width // self.core_width)

    def __iter__(self) -> Iterator[Box]:
        for row in range(0, self.height, self.core_height):
            for column in range(0, self.width, self.core_width):
                yield Box(row - self.halo, column - self.halo, self.box_height, self.box_width, self.halo)


def _core(length: int, rule: InputRule, tile: int, halo: int) -> int:
    """Side of the cores along one axis: the fewest that cover ``length``, evened out, so that the last is not waste."""
    step = rule.multiple_of
    smallest = _round_up(max(rule.minimum - 2 * halo, 1), step)
    largest = max((tile - 2 * halo) // step * step, smallest)
    count = 1 if rule.scope == "whole" else -(-length // largest)
    return max(_round_up(-(-length // count), step), smallest)


def _round_up(value: int, step: int) -> int:
    return -(-value // step) * step
