"""Captures with their own noise: files that show one scene are told by their names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from degrain.errors import TrainingError
from degrain.sources.base import Item, Scene, Split
from degrain.sources.folder import Folder
from degrain.sources.split import side


@dataclass(frozen=True)
class Shots:
    """A folder of noisy captures, and perhaps one of clean pictures. A scene keeps to one side of a split.

    Attributes:
        root: the folder of both.
        noisy: folder below the root that holds the captures; ``""`` is the root itself.
        clean: folder below the root with a picture of each scene, named after it; None when there is none.
        scene: regular expression over a capture's path below ``noisy``, without suffix; its one group names the scene.
            ``(.+)_[0-9]+`` makes ``cell_1.png`` and ``cell_2.png`` two shots of ``cell``; ``(.+)`` makes every file
            a scene of one shot, for pairs of noisy and clean files. Files that do not match are left out.
        valid: share of the scenes held out for validation, 0 to 1.

    Raises:
        TrainingError: on an expression that cannot be used or a share out of range.
    """

    root: str | Path
    noisy: str = "noisy"
    clean: str | None = None
    scene: str = "(.+)_[0-9]+"
    valid: float = 0.05

    def __post_init__(self) -> None:
        try:
            groups = re.compile(self.scene).groups
        except re.error as error:
            raise TrainingError(f"scene={self.scene!r} is no regular expression: {error}") from error
        if groups != 1:
            raise TrainingError(f"scene={self.scene!r} needs one group in brackets, the name of the scene")
        if not 0 <= self.valid <= 1:
            raise TrainingError(f"the share held out for validation goes from 0 to 1, got valid={self.valid}")

    def items(self, split: Split) -> Sequence[Scene]:
        """The scenes of one split, sorted by key; no file is opened.

        Raises:
            TrainingError: a folder is missing, a scene has no clean picture in the folder named for them, or the
                split holds no scene.
        """
        scenes = self._scenes()
        chosen = [scene for scene in scenes if split in ("all", side(scene.group, self.valid))]
        if not chosen:
            raise TrainingError(
                f"no scene to take from {self.root}: {len(scenes)} match {self.scene!r}, none is in split {split!r}",
                hint=f"change valid={self.valid}, or add some" if scenes else "change the expression scene=",
            )
        return chosen

    def _scenes(self) -> list[Scene]:
        shots: dict[str, list[Item]] = {}
        for name, item in self._named(self.noisy).items():
            if found := re.fullmatch(self.scene, name):
                shots.setdefault(found[1], []).append(item)
        clean = {} if self.clean is None else self._named(self.clean)
        for name in sorted(shots):
            if self.clean is not None and name not in clean:
                raise TrainingError(f"{Path(self.root) / self.clean} has no clean picture of the scene {name!r}")
        return [Scene(name, name, tuple(shots[name]), clean.get(name)) for name in sorted(shots)]

    def _named(self, folder: str) -> dict[str, Item]:
        """The pictures of a folder by their paths without suffix."""
        items = Folder(Path(self.root) / folder).items("all")
        return {PurePosixPath(item.key).with_suffix("").as_posix(): item for item in items}
