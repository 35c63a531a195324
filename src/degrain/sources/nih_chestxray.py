"""NIH ChestX-ray14: 112,120 radiographs of 30,805 patients, 1024 x 1024, 8-bit.

X. Wang et al., ChestX-ray8: hospital-scale chest X-ray database and benchmarks, CVPR 2017.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from degrain.errors import TrainingError
from degrain.sources.files import FileItem, file_items, pictures_in, the_folder

SITE = "https://nihcc.app.box.com/v/ChestXray-NIHCC"
TABLES = ("Data_Entry_2017.csv", "Data_Entry_2017_v2020.csv")
TEST_LIST = "test_list.txt"
FOLDERS = ("images", "images_0*")  # flat, or as the twelve archives unpack: images_001/images/
PICTURE, PATIENT = "Image Index", "Patient ID"


@dataclass(frozen=True)
class NihChestXray:
    """Radiographs, grouped by patient.

    Attributes:
        root: the folder with ``Data_Entry_2017.csv`` and ``images/``, or ``images_001/`` to ``images_012/``.
        official: keep the patients of ``test_list.txt`` for testing, as the makers did.
    """

    root: str | Path
    official: bool = False

    def items(self) -> Sequence[FileItem]:
        """The pictures that are there, sorted by key; none is opened.

        Raises:
            TrainingError: the table, the list or the pictures are missing, or a picture has no patient.
        """
        patients, tested = self._patients, self._tested
        root = Path(self.root)
        files = [path for name in FOLDERS for folder in root.glob(name) for path in pictures_in(folder)]
        if not files:
            raise TrainingError(
                f"there is no picture in {root}/images or {root}/images_001", hint=f"get them from {SITE}"
            )
        strays = sorted(path.name for path in files if path.name not in patients)
        if strays:
            raise TrainingError(
                f"{len(strays)} pictures are not in the table of {root}, so their patient is unknown: {strays[0]}",
                hint="move them elsewhere; source=folder takes any picture",
            )
        return file_items(
            root,
            files,
            group=lambda key: patients[_name(key)],
            side=lambda key: "test" if _name(key) in tested else None,
        )

    def missing(self) -> Sequence[str]:
        """How many of the pictures in the table are not there."""
        there, known = len(self.items()), len(self._patients)
        return [f"{known - there} of {known} pictures; {SITE}"] if there < known else []

    @cached_property
    def _patients(self) -> Mapping[str, str]:
        """By the name of the picture."""
        root = the_folder(Path(self.root), hint=f"get it from {SITE}")
        table = next((root / name for name in TABLES if (root / name).is_file()), None)
        if table is None:
            raise TrainingError(
                f"{TABLES[0]} is not in {root}: it says which patient each picture shows", hint=f"get it from {SITE}"
            )
        with table.open(encoding="utf-8-sig", newline="") as file:
            try:
                return {row[PICTURE]: f"patient {row[PATIENT]}" for row in csv.DictReader(file)}
            except (KeyError, csv.Error, UnicodeDecodeError) as error:
                raise TrainingError(
                    f"{table} cannot be understood: {error}", hint=f"it needs {PICTURE!r} and {PATIENT!r}; {SITE}"
                ) from error

    @cached_property
    def _tested(self) -> frozenset[str]:
        """Names of the pictures that the makers keep for testing."""
        if not self.official:
            return frozenset()
        path = Path(self.root) / TEST_LIST
        if not path.is_file():
            raise TrainingError(
                f"{TEST_LIST} is not in {self.root}", hint=f"get it from {SITE}, or leave official=false"
            )
        try:
            return frozenset(path.read_text(encoding="utf-8").split())
        except UnicodeDecodeError as error:
            raise TrainingError(f"{path} cannot be understood: {error}", hint=f"get it again from {SITE}") from error


def _name(key: str) -> str:
    return key.rpartition("/")[2]
