"""Sizes and receptive fields by formula, against torch."""

from itertools import product

import pytest
import torch
from torch import nn

from degrain.models.geometry import Down, Up, reach, sides

LAYERS = list(product((1, 2, 3, 4, 5), (1, 2, 3), (0, 1, 2)))  # kernel, stride, padding


@pytest.mark.parametrize("side", [7, 10, 28])
def test_sizes_are_those_of_torch(side: int) -> None:
    x = torch.zeros(1, 1, side, side)
    for kernel, stride, padding in LAYERS:
        assert Down(kernel, stride, padding).out(side) == nn.Conv2d(1, 1, kernel, stride, padding)(x).shape[-1]
        if 2 * padding <= kernel:  # torch's own limit on pooling
            pooled = nn.MaxPool2d(kernel, stride, padding)(x)
            assert Down(kernel, stride, padding).out(side) == pooled.shape[-1]
        expected = nn.ConvTranspose2d(1, 1, kernel, stride, padding)(x).shape[-1]
        assert Up(kernel, stride, padding).out(side) == expected


CHAINS = {
    "one": [Down(3, 1, 1)],
    "two": [Down(3, 1, 1), Down(5, 1, 2)],
    "strided": [Down(4, 2, 1), Up(4, 2, 1)],
    "pooled": [Down(3, 1, 1), Down(2, 2), Down(3, 1, 1), Up(2, 2)],
    "twice": [Down(2, 2), Down(4, 2, 1), Up(4, 2, 1), Up(3, 1, 1), Up(2, 2)],
    "thirds": [Down(3, 3), Down(3, 1, 1), Up(5, 3, 1)],
}


@pytest.mark.parametrize("chain", CHAINS)
def test_reach_is_how_far_the_gradient_goes(chain: str) -> None:
    layers = CHAINS[chain]
    convs = [nn.Conv1d if isinstance(layer, Down) else nn.ConvTranspose1d for layer in layers]
    net = nn.Sequential(*(conv(1, 1, *layer) for conv, layer in zip(convs, layers, strict=True))).double()
    for module in net:
        nn.init.ones_(module.weight)  # no path cancels another
    x = torch.ones(1, 1, 72, dtype=torch.double, requires_grad=True)
    assert sides(72, layers)[-1] == net(x).shape[-1] == 72
    farthest = 0
    for place in range(24, 48):
        (gradient,) = torch.autograd.grad(net(x)[0, 0, place], x)
        farthest = max(farthest, int((gradient[0, 0].nonzero() - place).abs().max()))
    assert reach(layers) == farthest
