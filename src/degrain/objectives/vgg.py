"""The convolutions of VGG-16, frozen, under the names that its published weights carry. [Simonyan and Zisserman 2015]

There is no way to an untrained network from a recipe: its weights are given as a file or fetched and checked.
"""

import pickle
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from degrain.errors import StorageError, TrainingError
from degrain.storage.fetch import fetch

URL = "https://download.pytorch.org/models/vgg16-397923af.pth"  # 528 MB, ImageNet
SHA256 = "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0"
BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))  # widths; blocks halve the sides
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's red, green, blue in unit range
LAYERS = {  # name -> place in ``features``: convolution and rectifier by turns, then the block's pooling
    f"relu{block}_{conv}": sum(2 * len(widths) + 1 for widths in BLOCKS[: block - 1]) + 2 * conv - 1
    for block, convs in enumerate(BLOCKS, 1)
    for conv in range(1, len(convs) + 1)
}


class Vgg16(nn.Module):
    """VGG-16 up to the deepest of the wanted layers, in eval mode; its own weights take no gradient.

    Raises:
        TrainingError: no layer, or one that VGG-16 does not have.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, layers: Sequence[str]) -> None:
        super().__init__()
        unknown = [name for name in layers if name not in LAYERS]
        if unknown or not layers:
            raise TrainingError(
                f"VGG-16 has no layer {unknown[0]!r}" if unknown else "no layer of VGG-16 was named",
                hint=f"known: {', '.join(LAYERS)}",
            )
        self.taps = sorted({LAYERS[name] for name in layers})
        self.features = nn.Sequential(*_modules()[: self.taps[-1] + 1])
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False).eval()

    def forward(self, colour: Tensor) -> list[Tensor]:
        """The wanted features, finest first, of colour pictures (N, 3, H, W) in unit range."""
        seen, x = [], (colour - self.mean) / self.deviation
        for place, module in enumerate(self.features):
            x = module(x)
            if place in self.taps:
                seen.append(x)
        return seen


def trained_vgg16(layers: Sequence[str], weights: str | Path | None = None) -> Vgg16:
    """The network with trained weights.

    Args:
        layers: names such as ``"relu3_3"``.
        weights: a .safetensors or torch file with ``features.N.weight`` and ``.bias``; None = the published one, kept
            in the cache folder.

    Raises:
        TrainingError: the weights cannot be had or do not fit.
    """
    net = Vgg16(layers)
    path = _published() if weights is None else Path(weights)
    state = _tensors(path)
    try:
        net.load_state_dict({name: state[name] for name in net.state_dict()})
    except (KeyError, TypeError, RuntimeError) as error:
        raise TrainingError(f"{path} does not hold the weights of VGG-16: {error}", hint=f"wanted: {URL}") from error
    return net


def _modules() -> list[nn.Module]:
    """All 31 of them; no block after the last one's pooling uses it."""
    modules: list[nn.Module] = []
    inputs = 3
    for widths in BLOCKS:
        for width in widths:
            modules += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
        modules.append(nn.MaxPool2d(2))
    return modules


def _published() -> Path:
    try:
        return fetch(URL, SHA256)
    except StorageError as error:
        raise TrainingError(
            f"the perceptual loss needs the weights of VGG-16: {error}",
            hint=f"download {URL} elsewhere and give it as losses.perceptual.weights=FILE, or try again with a network",
        ) from error


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise TrainingError(
            f"the weights of VGG-16 cannot be read from {path}: {reason}",
            hint=f"give a .safetensors or torch file as losses.perceptual.weights=FILE, or leave it out to fetch {URL}",
        ) from error
    return state
