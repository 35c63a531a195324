"""A small convolutional denoising autoencoder, made for CIFAR-10.

The classroom experiment: pictures of 32x32 brought to 28x28, four convolutions from there to 7x7, four transposed
convolutions back. All that is known of a picture must pass the middle; noise, which has no short description, does not.
[Vincent et al. 2008, "Extracting and composing robust features with denoising autoencoders"]

The experiment gives sizes and no kernels: here every second convolution has a stride of two, with kernels of 4x4, whose
taps fall evenly on the finer grid when transposed [Odena et al. 2016, "Deconvolution and checkerboard artifacts"].
Nothing is bound to 28x28: any multiple of four will do, and tiles agree.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from degrain.models.base import DenoisingNet, own_planes
from degrain.models.blocks import Conv, he_init
from degrain.models.geometry import Down, Layers, Up, reach
from degrain.spec import InputRule

ENCODER = (Down(3, 1, 1), Down(4, 2, 1), Down(3, 1, 1), Down(4, 2, 1))  # 28 -> 28 -> 14 -> 14 -> 7
DECODER = (Up(4, 2, 1), Up(3, 1, 1), Up(4, 2, 1), Up(3, 1, 1))  # 7 -> 14 -> 14 -> 28 -> 28


class ConvAutoencoder(DenoisingNet):
    """Four convolutions down, four up.

    Args:
        channels: of the pictures.
        widths: channels after each convolution; the decoder takes them backwards.
    """

    def __init__(self, channels: int = 3, widths: Sequence[int] = (32, 64, 64, 128)) -> None:
        super().__init__(own_planes(channels), wants_level=False)
        ways = [channels, *widths]
        self.encoder = chain(nn.Conv2d, ways, ENCODER)
        self.decoder = chain(nn.ConvTranspose2d, ways[::-1], DECODER)[:-1]  # no ReLU behind the last

    @property
    def rule(self) -> InputRule:
        """Two strides of two."""
        return InputRule(multiple_of=4, minimum=4)

    @property
    def halo(self) -> int:
        """The receptive field's radius."""
        return reach(ENCODER + DECODER)

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """Gives the clean picture itself; the level stays unread."""
        code = self.encoder(noisy)  # (N, widths[-1], H/4, W/4)
        clean: Tensor = self.decoder(code)
        return clean


def chain(kind: type[Conv], widths: Sequence[int], layers: Layers) -> nn.Sequential:
    """Convolutions from width to width, each with its ReLU."""
    modules: list[nn.Module] = []
    for (inputs, outputs), layer in zip(pairwise(widths), layers, strict=True):
        modules += [he_init(kind(inputs, outputs, *layer)), nn.ReLU()]
    return nn.Sequential(*modules)
