"""What the engine asks of anything that denoises: an ONNX file, a checkpoint, non-local means."""

from typing import Protocol

from degrain.images.scale import Unit
from degrain.spec import ModelSpec


class Denoiser(Protocol):
    """A model with its description. Calling it is free of side effects and safe from one thread at a time."""

    @property
    def spec(self) -> ModelSpec:
        """What the caller must know of it."""
        ...

    def __call__(self, tiles: Unit, level: Unit) -> Unit:
        """Denoise a stack of tiles.

        Args:
            tiles: (N, C, h, w) unit range, C one of ``spec.planes``, sizes as ``spec.input`` says.
            level: (N, 1, h, w) sigma per pixel, unit range; zeros = unknown.

        Returns:
            An array shaped like ``tiles``.
        """
        ...
