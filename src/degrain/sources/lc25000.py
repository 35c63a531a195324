"""LC25000: histology of lung and colon, 25,000 JPEGs of 768 x 768.

A. Borkowski et al., Lung and colon cancer histopathological image dataset (LC25000), arXiv:1912.12142, 2019. Each of
its five classes was made of 250 pictures, turned by up to 25 degrees, mirrored and enlarged to 5,000, and nothing says
which came from which: a random split would test on copies of what it trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from degrain.errors import TrainingError
from degrain.sources.files import FileItem, file_items, pictures_in, the_folder
from degrain.sources.grouped_files import group_files

SITE = "https://www.kaggle.com/datasets/andrewmvd/lung-and-colon-cancer-histopathological-images"
COLON, LUNG = ("colon_aca", "colon_n"), ("lung_aca", "lung_n", "lung_scc")
PARTS = {"colon": COLON, "lung": LUNG, "all": COLON + LUNG}
PICTURES = 5000  # in each class
ALIKE = 0.55  # on 439 pictures, copies correlate by 0.56 or more, 95,000 other pairs by less than 0.49


@dataclass(frozen=True)
class Lc25000:
    """Pictures of tissue, grouped with their near-duplicates; groups are sought within a class.

    A group is called after its first picture. The data set is closed; should pictures be added all the same, those
    that link two groups, or sort before the first of one, rename a group and may move it.

    Attributes:
        root: a folder with the class folders (``colon_aca``, ...) somewhere below it.
        part: ``"colon"``, ``"lung"`` or ``"all"``.

    Raises:
        TrainingError: on an unknown part.
    """

    root: str | Path
    part: Literal["colon", "lung", "all"] = "colon"

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            raise TrainingError(f"LC25000 has the parts {', '.join(PARTS)}, got part={self.part!r}")

    def items(self) -> Sequence[FileItem]:
        """The pictures, sorted by key.

        The first time all are read and compared, some minutes a class; the groups are then remembered.

        Raises:
            TrainingError: a class has no pictures.
        """
        items = [item for name in PARTS[self.part] for item in self._grouped(name)]
        return sorted(items, key=lambda item: item.key)

    def missing(self) -> Sequence[str]:
        """Classes with less than 5,000 pictures."""
        there = {name: len(self._files(name)) for name in PARTS[self.part]}
        return [f"{name}: {count} of {PICTURES} pictures; {SITE}" for name, count in there.items() if count < PICTURES]

    def _grouped(self, name: str) -> list[FileItem]:
        root = Path(self.root)
        alone = file_items(root, self._files(name))
        if not alone:
            raise TrainingError(f"there is no picture below a folder {name} in {root}", hint=f"get it from {SITE}")
        first = group_files([item.path for item in alone], ALIKE)
        return [replace(item, group=alone[index].key) for item, index in zip(alone, first, strict=True)]

    def _files(self, name: str) -> Sequence[Path]:
        root = the_folder(Path(self.root), hint=f"get it from {SITE}")
        folders = [root] if root.name == name else sorted(root.rglob(name))
        return [path for folder in folders if folder.is_dir() for path in pictures_in(folder)]
