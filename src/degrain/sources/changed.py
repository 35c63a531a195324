"""An item that is something else than its file: what wraps an item keeps its name and its place in a split."""

from dataclasses import dataclass

from degrain.sources.base import Item, Side


@dataclass(frozen=True)
class ChangedItem:
    """The name, the group and the side of an item; what is opened instead is said by the classes built on this.

    Attributes:
        whole: the item.
    """

    whole: Item

    @property
    def key(self) -> str:
        """As of the whole."""
        return self.whole.key

    @property
    def group(self) -> str:
        """As of the whole: all that is made of one picture is on one side of a split."""
        return self.whole.group

    @property
    def side(self) -> Side | None:
        """As of the whole."""
        return self.whole.side
