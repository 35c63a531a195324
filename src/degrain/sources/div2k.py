"""DIV2K and data sets laid out like it: a folder for each side of the split.

E. Agustsson and R. Timofte, NTIRE 2017 challenge on single image super-resolution: dataset and study, CVPRW 2017.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from degrain.errors import TrainingError
from degrain.sources.base import Side
from degrain.sources.files import FileItem, file_items, pictures_in, the_folder

SITE = "https://data.vision.ee.ethz.ch/cvl/DIV2K/"
FOLDERS: Mapping[str, Side] = {
    "train": "train", "DIV2K_train_HR": "train",
    "valid": "valid", "DIV2K_valid_HR": "valid",
    "test": "test", "DIV2K_test_HR": "test",
}  # fmt: skip


@dataclass(frozen=True)
class Div2k:
    """Pictures below ``train/`` and ``valid/``, perhaps ``test/``; the names that DIV2K's archives unpack to will do.

    Attributes:
        root: the folder that holds them.
    """

    root: str | Path
    needs: ClassVar[tuple[Side, ...]] = ("train", "valid")

    def items(self) -> Sequence[FileItem]:
        """The pictures, sorted by key, each on the side that its folder names; no file is opened.

        Raises:
            TrainingError: no such folder, or no picture in any.
        """
        root = the_folder(Path(self.root), hint=f"get it from {SITE}")
        files = [path for name in FOLDERS for path in pictures_in(root / name)]
        if not files:
            raise TrainingError(f"there is no picture in {root}/train or {root}/valid", hint=f"get them from {SITE}")
        return file_items(root, files, side=lambda key: FOLDERS[key.partition("/")[0]])

    def missing(self) -> Sequence[str]:
        """The sides that have no picture."""
        there = {item.side for item in self.items()}
        return [f"{side}/: no pictures; {SITE}" for side in self.needs if side not in there]
