"""Clean any real picture on a CPU, and get the same kind of file back.

>>> import degrain
>>> clean = degrain.denoise("photo.jpg")          # doctest: +SKIP
>>> degrain.write(clean, "photo.denoised.jpg")    # doctest: +SKIP
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from degrain.denoisers.zoo import open_denoiser
    from degrain.errors import DegrainError
    from degrain.images.picture import Picture
    from degrain.images.read import read
    from degrain.images.write import write
    from degrain.inference.cleaning import denoise
    from degrain.inference.engine import Engine
    from degrain.noise.estimate import estimate_noise, estimate_sigma
    from degrain.noise.level import NoiseLevel

__version__ = version("degrain")
__all__ = [
    "DegrainError",
    "Engine",
    "NoiseLevel",
    "Picture",
    "denoise",
    "estimate_noise",
    "estimate_sigma",
    "open_denoiser",
    "read",
    "write",
]

_HOMES = {
    "DegrainError": "degrain.errors",
    "Engine": "degrain.inference.engine",
    "NoiseLevel": "degrain.noise.level",
    "Picture": "degrain.images.picture",
    "denoise": "degrain.inference.cleaning",
    "estimate_noise": "degrain.noise.estimate",
    "estimate_sigma": "degrain.noise.estimate",
    "open_denoiser": "degrain.denoisers.zoo",
    "read": "degrain.images.read",
    "write": "degrain.images.write",
}


def __getattr__(name: str) -> Any:
    """A public name is imported when it is first asked for, so that ``import degrain`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'degrain' has no attribute {name!r}")
    from degrain import lazy

    return lazy.load(f"{_HOMES[name]}:{name}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
