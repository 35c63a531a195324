"""What ``degrain denoise`` says of a cleaned picture: a line, or a JSON object."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from degrain.inference.cleaning import Cleaned


def line(cleaned: "Cleaned", target: Path, strength: float) -> str:
    """For a person: where the result is, and what noise was found."""
    how = _noise(cleaned) if strength else "strength 0, unchanged"
    return f"{target}  ({how}, {cleaned.seconds:.1f} s)"


def record(cleaned: "Cleaned", model: str, source: Path, target: Path, strength: float) -> dict[str, Any]:
    """For a program; null for what the model was not told, and for what was not measured."""
    level, found = cleaned.level, cleaned.found
    told = (cleaned.sigma, level.sigma, level.gain, level.black) if level.known else (None,) * 4
    return {
        "input": str(source),
        "output": str(target),
        "status": "ok",
        "changed": not cleaned.unchanged,
        "model": model,
        **dict(zip(("sigma", "sigma_at_black", "gain", "black"), map(_rounded, told), strict=True)),
        "correlation": _rounded(found.correlation if found else None),
        "strength": strength,
        "width": cleaned.noisy.width,
        "height": cleaned.noisy.height,
        "channels": cleaned.noisy.channels,
        "dtype": cleaned.noisy.scale.dtype,
        "seconds": round(cleaned.seconds, 3),
    }


def _noise(cleaned: "Cleaned") -> str:
    found = cleaned.found
    coarse = "" if found is None or found.white else f"; not white, correlation {found.correlation:.2f}"
    if cleaned.level.known:
        return _level(cleaned) + coarse
    if cleaned.unchanged:
        return f"no {'fine ' if coarse else ''}noise found, unchanged{coarse}"
    return f"noise left to {cleaned.model}{coarse}"


def _level(cleaned: "Cleaned") -> str:
    from degrain.evaluation.table import deviation

    sigma, level = deviation(cleaned.sigma), cleaned.level
    if not level.gain:
        return f"sigma {sigma}"
    black = f" {level.black:.2g}" if level.black else ""
    return f"sigma {sigma}, {deviation(level.sigma)} at black{black}, gain {level.gain:.2g}"


def _rounded(value: float | None) -> float | None:
    """To four digits."""
    return None if value is None else float(f"{value:.4g}")
