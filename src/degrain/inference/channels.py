"""A picture whose channels the model does not know, made to fit: the one place that decides how."""

from collections.abc import Callable

from degrain.denoisers.base import Denoiser
from degrain.errors import ModelError
from degrain.images.scale import Unit

Clean = Callable[[Unit, Unit], Unit]  # tiles (N, C, h, w), level (N, 1, h, w) -> like tiles


def fit_channels(denoiser: Denoiser, channels: int) -> Clean:
    """The denoiser as a picture with ``channels`` channels may call it.

    A model of gray sees the channels of a colour picture one by one; a model of colour sees a gray picture in
    all its channels, and the answers are averaged.

    Raises:
        ModelError: when the picture fits in neither way.
    """
    known = denoiser.spec.planes
    if channels in known:
        return denoiser
    if 1 in known:
        return lambda tiles, level: _one_by_one(denoiser, tiles, level)
    if channels == 1:
        return lambda tiles, level: denoiser(tiles.repeat(min(known), axis=1), level).mean(axis=1, keepdims=True)
    raise ModelError(
        f"{denoiser.spec.name} takes pictures of {' or '.join(map(str, sorted(known)))} channels, got {channels}",
        hint="denoise the channels one by one with a model of gray",
    )


def _one_by_one(denoiser: Denoiser, tiles: Unit, level: Unit) -> Unit:
    count, channels, height, width = tiles.shape
    singles = tiles.reshape(count * channels, 1, height, width)
    return denoiser(singles, level.repeat(channels, axis=0)).reshape(tiles.shape)
