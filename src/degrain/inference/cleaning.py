"""A noisy picture in, a clean one of the same kind out: arrays, pictures, files, streams."""

import os
import time
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Literal, Self, overload

import numpy as np
import numpy.typing as npt

from degrain.denoisers.zoo import AUTO, COARSE, WHITE, open_denoiser
from degrain.errors import ModelError, NoiseError, UnreadableImage
from degrain.images.formats import by_name, by_suffix
from degrain.images.picture import Picture, as_picture
from degrain.images.read import MAX_PIXELS, read
from degrain.images.write import check_writable, encode, write
from degrain.inference.checks import check_strength
from degrain.inference.engine import DEFAULT_TILE, Engine, OnTile, quiet
from degrain.inference.restraint import finer, restrained
from degrain.noise.estimate import NoiseEstimate, estimate_noise
from degrain.noise.level import BLIND, NoiseLevel
from degrain.storage.atomic import whole_file

Array = npt.NDArray[np.generic]
Sigma = float | NoiseLevel | Literal["auto"]  # a number is on the 0..255 scale; "auto" measures it on the picture


@dataclass(frozen=True)
class Cleaning:
    """How pictures are to be cleaned, and by whom.

    Attributes:
        engine: the model.
        sigma: noise level on the 0..255 scale, one that grows with brightness, or ``"auto"``.
        strength: 0 changes nothing, 1 is the model's answer, up to 2 goes beyond it.
        coarse: a model that judges by itself, for pictures in which noise is suspected that is not white; its answer is
            the most that a strength above 1 gives there.

    Raises:
        ModelError: a strength that the model cannot have.
        NoiseError: a sigma below 0, or one that is no number.
    """

    engine: Engine
    sigma: Sigma = "auto"
    strength: float = 1.0
    coarse: Engine | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.sigma, Real | NoiseLevel | str):
            raise NoiseError(f"sigma is a number, a NoiseLevel or 'auto', got {type(self.sigma).__name__}")
        level = self._given() or NoiseLevel(1.0)  # auto: some level will be found
        check_strength(self.strength, level, self.engine.denoiser.spec)

    @classmethod
    def by(
        cls,
        model: str | os.PathLike[str] = AUTO,
        sigma: Sigma = "auto",
        strength: float = 1.0,
        tile: int = DEFAULT_TILE,
        threads: int | None = None,
    ) -> Self:
        """By a model of that name or file; ``"auto"`` leaves noise that is not white to the one made for cameras."""

        def engine(name: str | os.PathLike[str]) -> Engine:
            return Engine(open_denoiser(name, threads), tile)

        if model == AUTO:
            return cls(engine(WHITE), sigma, strength, engine(COARSE) if isinstance(sigma, str) else None)
        return cls(engine(model), sigma, strength)

    def picture(self, noisy: Picture, on_tile: OnTile = quiet) -> "Cleaned":
        """Clean one picture; one in which no noise is found stays as it is."""
        began = time.perf_counter()
        found = self._found(noisy)
        engine, level, strength = self._chosen(found)
        if found is not None and found.faint and engine is self.coarse and strength:
            answer = engine.denoise(noisy, level, on_tile=on_tile, scale=finer(noisy.scale))
            clean = restrained(noisy, answer, strength, found.span)
        else:
            clean = engine.denoise(noisy, level, strength, on_tile)
        return Cleaned(noisy, clean, engine.denoiser.spec.name, level, found, time.perf_counter() - began)

    def file(
        self,
        source: Path,
        target: Path,
        *,
        overwrite: bool = False,
        max_pixels: float = MAX_PIXELS,
        on_tile: OnTile = quiet,
    ) -> "Cleaned":
        """Clean one file; the target appears whole or not at all.

        Raises:
            ImageError: it cannot be read or written, or has more than ``max_pixels``.
            ModelError: the model does not fit it.
        """
        if by_suffix(target) is None:
            read(source, max_pixels=max_pixels)  # why this cannot be read tells more than the name of the result
        check_writable(target, overwrite=overwrite)
        noisy = read(source, max_pixels=max_pixels)
        check_writable(target, overwrite=overwrite, picture=noisy)
        try:
            cleaned = self.picture(noisy, on_tile)
        except ModelError as error:
            raise ModelError(f"{source}: {error}", error.hint) from error  # which one of many
        if cleaned.unchanged and by_suffix(target) == by_name(noisy.keep.format):
            original = _bytes_of(source)
            with whole_file(target, overwrite=overwrite) as file:
                file.write(original)  # not even the encoding changes
        else:
            write(cleaned.clean, target, overwrite=overwrite)
        return cleaned

    def stream(self, data: bytes, max_pixels: float = MAX_PIXELS) -> bytes:
        """Clean the bytes of a file; the same format comes back."""
        cleaned = self.picture(read(data, max_pixels=max_pixels))
        return data if cleaned.unchanged else encode(cleaned.clean)

    def _given(self) -> NoiseLevel | None:
        """None = to be measured."""
        if isinstance(self.sigma, NoiseLevel):
            return self.sigma
        return None if self.sigma == "auto" else NoiseLevel(self.sigma)

    def _found(self, picture: Picture) -> NoiseEstimate | None:
        """The noise measured in a picture; None when the level is given, or the model judges by itself."""
        asked = self.sigma == "auto" and self.engine.denoiser.spec.wants_level
        return estimate_noise(picture) if asked else None

    def _chosen(self, found: NoiseEstimate | None) -> tuple[Engine, NoiseLevel, float]:
        """By whom a picture is cleaned in which this was found, what that model is told, and the strength."""
        if found is None:
            wants_level = self.engine.denoiser.spec.wants_level
            return self.engine, (self._given() if wants_level else None) or BLIND, self.strength
        if found.suspect and self.coarse is not None:
            return self.coarse, BLIND, min(self.strength, 1.0)  # it judges by itself: no level can be raised
        return self.engine, found.level, self.strength if found.level.known else 0.0


@dataclass(frozen=True)
class Cleaned:
    """A picture before and after, and how it went.

    Attributes:
        noisy: as it came.
        clean: as it goes.
        model: what the model calls itself.
        level: what the model was told.
        found: what was measured; None when the level was given, or the model judges by itself.
        seconds: time in the model and around it, without reading and writing.
    """

    noisy: Picture
    clean: Picture
    model: str
    level: NoiseLevel
    found: NoiseEstimate | None
    seconds: float

    @property
    def sigma(self) -> float:
        """What the model was told, 0..255 scale, at the picture's mean brightness; 0 = nothing."""
        mean = np.asarray(self.noisy.samples.mean(dtype=float))  # stored samples: a large picture is not copied
        return float(self.level.at(self.noisy.scale.to_unit(mean)))

    @property
    def unchanged(self) -> bool:
        """Whether it was left as it is: no noise was found, or the strength is 0."""
        return self.clean is self.noisy


@overload
def denoise(
    source: Array, *, model: str | os.PathLike[str] = ..., sigma: Sigma = ..., strength: float = ...
) -> Array: ...
@overload
def denoise(
    source: Picture | str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] = ...,
    sigma: Sigma = ...,
    strength: float = ...,
) -> Picture: ...
def denoise(
    source: Array | Picture | str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] = AUTO,
    sigma: Sigma = "auto",
    strength: float = 1.0,
) -> Array | Picture:
    """Clean an array, a picture or a file.

    Args:
        source: an array (H, W) or (H, W, C), channels last, 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha, of
            bool, uint8, uint16, int16 or float (0 = black, 1 = white); a Picture; or the path of a file.
        model: a name that ``degrain models`` lists, the path of an ``.onnx`` or ``.ckpt`` file, or ``"auto"``: the
            model for camera noise where noise is suspected that is not white, else the one for white noise.
        sigma: noise level on the 0..255 scale, or a ``NoiseLevel``; ``"auto"`` measures it, 0 leaves it to the model.
        strength: 0 changes nothing, 1 is the model's answer, up to 2 goes beyond it.

    Returns:
        A new array of the same shape and type for an array, else a Picture; ``degrain.write`` takes both.

    Raises:
        ImageError: what cannot be read, or holds NaN.
        ModelError: an unknown model, or one that does not fit.
        NoiseError: a sigma below 0.
    """
    cleaning = Cleaning.by(model, sigma, strength)
    if isinstance(source, (str, os.PathLike)):
        return cleaning.picture(read(source)).clean
    cleaned = cleaning.picture(as_picture(source))
    if isinstance(source, Picture):
        return cleaned.clean
    return cleaned.clean.array().copy() if cleaned.unchanged else cleaned.clean.array()


def _bytes_of(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise UnreadableImage(f"{source}: {error.strerror}") from error
