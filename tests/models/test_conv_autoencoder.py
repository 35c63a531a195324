import torch
from torch import nn

from degrain.models.conv_autoencoder import DECODER, ENCODER, ConvAutoencoder
from degrain.models.geometry import sides


def test_28_becomes_7_and_28_again_as_the_formulas_say() -> None:
    net = ConvAutoencoder(widths=(4, 4, 4, 4))
    seen = [28]
    for layer in (*net.encoder, *net.decoder):
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            layer.register_forward_hook(lambda _layer, _inputs, output: seen.append(output.shape[-1]))
    net(torch.rand(1, 3, 28, 28), torch.zeros(1, 1, 28, 28))
    assert seen == sides(28, ENCODER + DECODER) == [28, 28, 14, 14, 7, 14, 14, 28, 28]
