"""What a model says about itself. Written when it is trained, carried inside its file, afterwards only read."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self, get_args

from degrain.errors import ModelError

FORMAT = 1  # raised when a reader of today could misread a file of tomorrow
METADATA_KEY = "degrain.spec"  # where a model file carries its spec

Scope = Literal["tile", "whole", "resize"]


def _check_counts(**counts: object) -> None:
    """Lengths and places are whole: JSON has 1.5 too. Raises ModelError."""
    for name, count in counts.items():
        if not isinstance(count, int) or isinstance(count, bool):
            raise ModelError(f"{name} is a whole number, got {count!r}")


@dataclass(frozen=True)
class InputRule:
    """Which picture sizes a model takes.

    Attributes:
        multiple_of: both sides must be multiples of this.
        minimum: both sides must be at least this long, in pixels.
        exact: both sides must be exactly this long, in pixels; None = any length.
        blend: pixels over which neighbouring tiles are faded into each other, for a model that looks at all of its
            tile, so that no halo makes two of them agree.
        scope: ``"tile"`` when a picture may be cut into tiles, ``"whole"`` when the model must see all of it at once,
            ``"resize"`` when the whole picture is brought to ``exact`` and back, which costs detail.

    Raises:
        ModelError: a rule that contradicts itself.
    """

    multiple_of: int = 1
    minimum: int = 1
    exact: int | None = None
    blend: int = 0
    scope: Scope = "tile"

    def __str__(self) -> str:
        if self.exact is not None:
            return f"sides must be exactly {self.exact}"
        return f"sides must be multiples of {self.multiple_of}, from {self.minimum} on"

    def takes(self, side: int) -> bool:
        """Whether both sides may be so long, in pixels."""
        if self.exact is not None:
            return side == self.exact
        return side >= self.minimum and side % self.multiple_of == 0

    def shared(self, halo: int) -> int:
        """Pixels that two neighbouring tiles have in common: what both give up, and what they fade over."""
        return 2 * self.rounded_up(halo) + self.rounded_up(self.blend)

    def rounded_up(self, length: int) -> int:
        """To a multiple."""
        return -(-length // self.multiple_of) * self.multiple_of

    def __post_init__(self) -> None:
        _check_counts(multiple_of=self.multiple_of, minimum=self.minimum, blend=self.blend, exact=self.exact or 0)
        if self.multiple_of < 1 or self.minimum < 1 or self.scope not in get_args(Scope):
            raise ModelError(f"sides, multiples and {', '.join(get_args(Scope))} make a rule, got {asdict(self)}")
        if self.exact is not None and (self.exact % self.multiple_of or self.exact < max(self.minimum, 1)):
            raise ModelError(f"an exact side of {self.exact} is against the rest of the rule: {self}")
        if self.scope == "whole" and self.exact is not None:
            raise ModelError("a model that must see all of a picture cannot have an exact side: resize, or take tiles")
        if self.scope == "resize" and self.exact is None:
            raise ModelError("a model whose pictures are resized must say to which exact side")
        if self.blend < 0 or (self.exact is not None and 2 * self.blend > self.exact):
            raise ModelError(f"tiles of {self.exact} pixels cannot fade over {self.blend} on both sides")


@dataclass(frozen=True)
class ModelSpec:
    """All that a caller must know of a model, so that nobody asks which model it is.

    Attributes:
        name: what people call it.
        planes: how a picture enters the tensor: number of picture channels -> the planes they take.
            ``{1: (0,)}`` is a gray model; ``{3: (0, 1, 2), 1: (3,)}`` serves colour and gray.
        width: planes of the tensor in all; those a picture does not take are zero.
        input: the sizes it takes.
        halo: context in pixels; beyond it a pixel cannot change the output, unless the rule fades tiles.
        wants_level: whether it reads a noise-level map (sigma per pixel, unit range; zeros = blind).
        network: its name in the catalog of networks, and
        settings: what that is made with, for training to go on from the file; empty where it cannot.
        card: data, licence, noise range, metrics, commit: the model card, free in its keys.

    Raises:
        ModelError: planes that the tensor does not have, or a halo below 0 or too large for the tiles.
    """

    name: str
    planes: Mapping[int, tuple[int, ...]]
    width: int
    input: InputRule = InputRule()
    halo: int = 0
    wants_level: bool = False
    network: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        slots = [slot for slots in self.planes.values() for slot in slots]
        _check_counts(width=self.width, halo=self.halo, **{f"plane {slot}": slot for slot in slots})
        if (
            not isinstance(self.name, str)
            or not isinstance(self.wants_level, bool)
            or not isinstance(self.card, Mapping)
        ):
            raise ModelError(
                "a model has a name, wants a level or not, and has a card of keys and values, "
                f"got {self.name!r}, {self.wants_level!r} and {self.card!r}"
            )
        if not slots or min(slots) < 0 or max(slots) >= self.width:
            raise ModelError(f"pictures enter planes 0 to {self.width - 1} of the tensor, got {dict(self.planes)}")
        if any(len(slots) != channels or len(set(slots)) != channels for channels, slots in self.planes.items()):
            raise ModelError(f"each channel of a picture takes one plane, got {dict(self.planes)}")
        if not isinstance(self.network, str) or not isinstance(self.settings, Mapping):
            raise ModelError(f"a network is built by a name and settings, got {self.network!r} and {self.settings!r}")
        if self.halo < 0:
            raise ModelError(f"a halo has 0 pixels or more, got {self.halo}")
        exact, shared = self.input.exact, self.input.shared(self.halo)
        if self.input.scope == "tile" and exact is not None and exact <= shared:
            raise ModelError(f"tiles of {exact} pixels share {shared} with their neighbours, so that none is left")

    def to_json(self) -> str:
        """One JSON object; ``from_json`` gives an equal spec back."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ModelError when the text is not a spec this version can read."""
        try:
            fields = json.loads(text)
            if (version := fields.pop("format")) != FORMAT:
                raise ModelError(
                    f"the model's description is of format {version}, and format {FORMAT} is read here",
                    hint="pip install --upgrade degrain",
                )
            planes = {int(channels): tuple(slots) for channels, slots in fields.pop("planes").items()}
            return cls(planes=planes, input=InputRule(**fields.pop("input")), **fields)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ModelError(f"the model's description cannot be read: {error}") from error
