"""Captures with their own noise: files that show one scene are told by their names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from degrain.errors import TrainingError
from degrain.sources.base import Item, Scene
from degrain.sources.files import naming, stem
from degrain.sources.folder import Folder


@dataclass(frozen=True)
class Shots:
    """A folder of noisy captures, and perhaps one of clean pictures.

    Attributes:
        root: the folder of both.
        noisy: folder below the root that holds the captures; ``""`` is the root itself.
        clean: folder below the root with a picture of each scene, named after it; None when there is none.
        scene: regular expression over a capture's path below ``noisy``, without suffix; its one group names the scene.
            ``(.+)_[0-9]+`` makes ``cell_1.png`` and ``cell_2.png`` two shots of ``cell``; ``(.+)`` makes every file
            a scene of one shot, for pairs of noisy and clean files. Files that do not match are left out.

    Raises:
        TrainingError: on an expression that cannot be used.
    """

    root: str | Path
    noisy: str = "noisy"
    clean: str | None = None
    scene: str = "(.+)_[0-9]+"

    def __post_init__(self) -> None:
        self._scene()

    def items(self) -> Sequence[Scene]:
        """The scenes, sorted by key, each a group of its own; no file is opened.

        Raises:
            TrainingError: a folder is missing, a scene has no clean picture in the folder named for them, two files
                have one name but for their suffix, or there is no scene.
        """
        shots = self._shots()
        clean = {} if self.clean is None else self._named(self.clean)
        for name in sorted(shots):
            if self.clean is not None and name not in clean:
                raise TrainingError(f"{Path(self.root) / self.clean} has no clean picture of the scene {name!r}")
        return [Scene(name, name, tuple(shots[name]), clean.get(name)) for name in sorted(shots)]

    def missing(self) -> Sequence[str]:
        """Nothing: a folder is whatever it holds."""
        return ()

    def _shots(self) -> dict[str, list[Item]]:
        """The captures of each scene."""
        scene_of, shots = self._scene(), dict[str, list[Item]]()
        for name, item in self._named(self.noisy).items():
            if scene := scene_of(name):
                shots.setdefault(scene, []).append(item)
        if not shots:
            raise TrainingError(
                f"no capture in {Path(self.root) / self.noisy} is named like {self.scene!r}",
                hint="change the expression scene=",
            )
        return shots

    def _scene(self) -> Callable[[str], str | None]:
        """Of a capture's path below ``noisy``, without suffix."""
        return naming(f"scene={self.scene!r}", self.scene)

    def _named(self, folder: str) -> dict[str, Item]:
        """The pictures of a folder by their paths without suffix."""
        named: dict[str, Item] = {}
        for item in Folder(Path(self.root) / folder).items():
            name = stem(item.key)
            if name in named:
                raise TrainingError(
                    f"{named[name].key} and {item.key} in {Path(self.root) / folder} have one name",
                    hint="move one of them elsewhere: the same capture twice would be no pair",
                )
            named[name] = item
        return named
