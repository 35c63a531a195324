"""What options are written like, where more than a number or a word is meant."""

import math
from typing import Any

import click


class SigmaType(click.ParamType[Any]):
    """``auto`` or a number on the 0..255 scale."""

    name = "auto|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text as a float, or ``auto``."""
        if value == "auto":
            return value
        try:
            sigma = float(value)
        except ValueError:
            sigma = -1.0
        if not 0 <= sigma < math.inf:  # floats may count in units in which it is far above 255
            self.fail(f"{value!r} is neither 'auto' nor a number, 0 or more", param, ctx)
        return sigma


class CropType(click.ParamType[Any]):
    """A rectangle in a picture."""

    name = "X,Y,W,H"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text as (top, left, height, width)."""
        try:
            left, top, width, height = map(int, value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not four whole numbers, such as 120,80,96,96", param, ctx)
        return top, left, height, width
