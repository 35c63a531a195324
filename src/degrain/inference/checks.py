"""What the engine refuses besides pictures that are no numbers, each with its reason."""

from numbers import Real

import numpy as np

from degrain.errors import ModelError
from degrain.images.scale import Unit
from degrain.noise.level import NoiseLevel
from degrain.spec import ModelSpec


def check_output(clean: Unit, spec: ModelSpec) -> None:
    """Raises ModelError when the model answered NaN or Inf."""
    if not np.isfinite(clean).all():
        raise ModelError(
            f"{spec.name} answered with NaN or infinity",
            hint="the picture may be far outside of the values the model was trained on; try another model",
        )


def check_strength(strength: float, level: NoiseLevel, spec: ModelSpec) -> None:
    """Raises ModelError when the strength is outside 0..2, or above 1 with no level to raise."""
    number: object = strength  # Python lets anything in
    if not isinstance(number, Real) or not 0 <= strength <= 2:
        raise ModelError(f"strength goes from 0 to 2, got {strength!r}", hint="0 changes nothing, 1 is the model's own")
    if strength > 1 and not spec.wants_level:
        raise ModelError(
            f"strength {strength} needs a model that is told the noise level, and {spec.name} is not",
            hint="use a strength up to 1, or another model",
        )
    if strength > 1 and not level.known:
        raise ModelError(
            f"strength {strength} raises the noise level that the model is told, and none is given",
            hint="give the level too, e.g. sigma 25, or use a strength up to 1",
        )
