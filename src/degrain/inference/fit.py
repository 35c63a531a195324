"""A picture whose channels or size the model does not take, made to fit: the one place that decides how."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from degrain.denoisers.base import Denoiser
from degrain.errors import ModelError
from degrain.images.scale import Unit
from degrain.spec import InputRule

Clean = Callable[[Unit, Unit], Unit]  # tiles (N, C, h, w), level (N, 1, h, w) -> like tiles


def fit_channels(denoiser: Denoiser, channels: int, *, gray: bool = False) -> Clean:
    """The denoiser as a picture with ``channels`` channels may call it.

    A model of gray sees the channels of a colour picture one by one, or one for all when they hold the same: what all
    channels share would be taken for detail by a model of colour. A model of colour sees a gray picture in all its
    channels, and the answers are averaged.

    Args:
        denoiser: of any channel counts.
        channels: of the picture.
        gray: whether they hold the same.

    Raises:
        ModelError: when the picture fits in neither way.
    """
    known = denoiser.spec.planes
    if gray and channels > 1 and 1 in known:
        return lambda tiles, level: denoiser(tiles[:, :1], level).repeat(channels, axis=1)
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


def fit_size(clean: Clean, rule: InputRule) -> Clean:
    """A model of one size as a picture of any size may call it, where its rule asks for that: detail is lost."""
    side = rule.exact
    if rule.scope != "resize" or side is None:
        return clean

    def run(tiles: Unit, level: Unit) -> Unit:
        height, width = tiles.shape[-2:]
        return _resized(clean(_resized(tiles, side, side), _resized(level, side, side)), height, width)

    return run


def _resized(tiles: Unit, height: int, width: int) -> Unit:
    """(N, C, h, w) -> (N, C, height, width), by Pillow's bicubic filter, which averages when it makes smaller."""
    planes = tiles.reshape(-1, *tiles.shape[-2:])
    resized = [Image.fromarray(plane).resize((width, height), Image.Resampling.BICUBIC) for plane in planes]
    return np.stack([np.asarray(plane) for plane in resized]).reshape(*tiles.shape[:2], height, width)


def _one_by_one(denoiser: Denoiser, tiles: Unit, level: Unit) -> Unit:
    count, channels, height, width = tiles.shape
    singles = tiles.reshape(count * channels, 1, height, width)
    return denoiser(singles, level.repeat(channels, axis=0)).reshape(tiles.shape)
