"""What can go wrong, as one tree.

    DegrainError                 anything a person can cause or mend; its text is one clear message
    ├── ImageError               a picture cannot be read, written or represented
    │   ├── UnreadableImage      the file is missing, damaged, too large or of an unknown kind
    │   └── UnwritableImage      the target cannot hold these pixels
    ├── StorageError             a file or folder is missing, refused, full, or would be overwritten
    ├── ModelError               a model is unknown, damaged, or does not fit the picture
    ├── NoiseError               a noise description cannot be understood
    ├── MetricError              a metric is unknown, or lacks what it needs
    ├── TrainingError            a recipe, its data or its checkpoint cannot be used
    └── MissingExtra             an optional dependency is not installed (also an ImportError)

Libraries raise these; only the command line prints them and exits.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class DegrainError(Exception):
    """Base of every error degrain raises on purpose.

    Args:
        message: the rule and the value that broke it, one line.
        hint: the next step, one line; shown on a line of its own.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@contextmanager
def building(what: str, hint: str | None = "see its constructor") -> Iterator[None]:
    """What is said where settings do not suit the thing that is made with them.

    Raises:
        TrainingError: in place of whatever the maker raised; errors of ours pass.
    """
    try:
        yield
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError) as error:
        raise TrainingError(f"{what} cannot be built: {error}", hint) from error


class ImageError(DegrainError):
    """A picture cannot be read, written or represented."""


class UnreadableImage(ImageError):
    """The file is missing, damaged, too large or of an unknown kind."""


class UnwritableImage(ImageError):
    """The target cannot hold these pixels, or the disk refuses them."""


class StorageError(DegrainError):
    """A file or folder is missing, refused, full, or would be overwritten."""


class ModelError(DegrainError):
    """A model is unknown, damaged, or does not fit the picture."""


class NoiseError(DegrainError):
    """A noise description cannot be understood."""


class MetricError(DegrainError):
    """A metric is unknown, or lacks what it needs."""


class TrainingError(DegrainError):
    """A recipe, its data or its checkpoint cannot be used."""


class MissingExtra(DegrainError, ImportError):
    """An optional dependency is not installed."""
