"""How layers change sizes, and how far they look: arithmetic only, so a network knows its shapes before it runs."""

from collections.abc import Sequence
from itertools import accumulate
from math import prod
from typing import NamedTuple


class Down(NamedTuple):
    """A convolution or a pooling, its fields in torch's order: ``nn.Conv2d(inputs, outputs, *Down(3, 2, 1))``."""

    kernel: int
    stride: int = 1
    padding: int = 0

    def out(self, side: int) -> int:
        """Input side -> output side: floor((side + 2 padding - kernel) / stride) + 1."""
        return (side + 2 * self.padding - self.kernel) // self.stride + 1

    def seen(self, first: int, last: int) -> tuple[int, int]:
        """The inputs, first to last, from which a range of outputs is made."""
        return first * self.stride - self.padding, last * self.stride - self.padding + self.kernel - 1


class Up(NamedTuple):
    """A transposed convolution; ``Up(2, 2)`` is a pixel shuffle by two as well."""

    kernel: int
    stride: int = 1
    padding: int = 0

    def out(self, side: int) -> int:
        """Input side -> output side: (side - 1) stride - 2 padding + kernel."""
        return (side - 1) * self.stride - 2 * self.padding + self.kernel

    def seen(self, first: int, last: int) -> tuple[int, int]:
        """The inputs, first to last, from which a range of outputs is made."""
        before = self.kernel - 1 - self.padding  # input x reaches outputs x stride - padding ... + kernel - 1
        return -((before - first) // self.stride), (last + self.padding) // self.stride


Layers = Sequence[Down | Up]


def sides(side: int, layers: Layers) -> list[int]:
    """The side before the first layer and after each of them."""
    return list(accumulate(layers, lambda size, layer: layer.out(size), initial=side))


def reach(layers: Layers) -> int:
    """How far from an output pixel its inputs lie at most, in pixels, through layers that keep the size in the end."""
    phases = prod(layer.stride for layer in layers if isinstance(layer, Down))  # pixels that far apart look alike
    farthest = 0
    for pixel in range(phases):
        first, last = pixel, pixel
        for layer in reversed(layers):
            first, last = layer.seen(first, last)
        farthest = max(farthest, pixel - first, last - pixel)
    return farthest
