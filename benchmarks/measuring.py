"""What benchmarks/tables.py measures, and what it has measured before: a row is kept as soon as it is there."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from methods import Line, Method

from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import Row, Summary, summarise
from degrain.noise.table import parse
from degrain.sources.base import Item
from degrain.storage.atomic import whole_file

SETS = {"Set12": "gray", "BSD68": "gray", "CBSD68": "colour", "Kodak24": "colour"}
SEED = 0
SIGMAS = (15, 25, 50)
UNCLIPPED, EIGHT_BIT = "gaussian:sigma={}", "gaussian:sigma={}+quantise:bits=8"
NOISES = {form.format(sigma): sigma for form in (UNCLIPPED, EIGHT_BIT) for sigma in SIGMAS}  # and the level to tell


class Condition(NamedTuple):
    """All that a row depends on: what it is kept by."""

    method: str
    identity: str
    told: bool
    noise: str
    seed: int
    set: str
    place: int
    picture: str


class Kept(dict[tuple[Any, ...], Any]):
    """Values by keys, both JSON, in a file to which each is added at once.

    Args:
        path: of the file; it and its folder appear with the first value.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        for line in path.read_text().splitlines() if path.exists() else []:
            with suppress(ValueError):  # an empty line, or one cut short: it will be measured again
                key, value = json.loads(line)
                self[tuple(key)] = value

    def keep(self, key: tuple[Any, ...], value: Any) -> None:
        """Add or replace a value."""
        self[key] = value
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a") as file:
            file.write("\n" + json.dumps([key, value]))  # begun anew: the line before may have been cut short

    def forget(self, keys: Iterable[tuple[Any, ...]]) -> None:
        """Drop values, in the file as well."""
        for key in keys:
            self.pop(key, None)
        if self._path.exists():
            with whole_file(self._path, overwrite=True) as file:
                file.write("\n".join(json.dumps(pair) for pair in self.items()).encode())


@dataclass(frozen=True)
class Part:
    """What some of the tables need to be measured.

    Attributes:
        sets: of pictures.
        noises: as in ``NOISES``.
        timed: whether the time counts: then only rows of the machine it runs on do, and nothing is measured blind that
            can be told sigma.
    """

    sets: Sequence[str]
    noises: Sequence[str]
    timed: bool = False

    def lines(self, method: Method) -> Sequence[Line]:
        """Those of a method."""
        if self.timed:
            return [Line(method, method.tells[0])] if method.denoisers else []
        return [Line(method, told) for told in method.tells]


PARTS = {
    "quality": Part(tuple(SETS), list(NOISES)),
    "cost": Part(["BSD68", "CBSD68"], [UNCLIPPED.format(25)], timed=True),
}


@dataclass(frozen=True)
class Bench:
    """Pictures, and what has been measured on them.

    Attributes:
        items: the pictures by the name of their set.
        kept: the rows and their machines by condition.
        machine: what it runs on.
    """

    items: Mapping[str, Sequence[Item]]
    kept: Kept
    machine: str

    def conditions(self, part: Part, line: Line, name: str, index: int) -> Sequence[Condition]:
        """Those of one picture of a set."""
        (method, told), picture = line, self.items[name][index].key
        return [Condition(*method.key, told, noise, SEED, name, index, picture) for noise in part.noises]

    def measured(self, part: Part, condition: Condition) -> bool:
        """Whether there is a row that will do."""
        return condition in self.kept and (not part.timed or self.kept[condition]["machine"] == self.machine)

    def measure(self, part: Part, method: Method, name: str, most: int | None) -> int:
        """Measure what is missing on the first pictures of a set; how many rows that was."""
        count = 0
        for index, item in enumerate(self.items[name][:most]):
            wanted = [one for line in part.lines(method) for one in self.conditions(part, line, name, index)]
            missing = [one for one in wanted if not self.measured(part, one)]
            for condition in missing:
                self.kept.keep(condition, {"machine": self.machine, "row": asdict(measure(method, condition, item))})
            count += len(missing)
        return count

    def forget(self, part: Part, method: Method, name: str, most: int | None) -> None:
        """Drop the same rows."""
        indices = range(len(self.items[name][:most]))
        lines = part.lines(method)
        self.kept.forget(one for line in lines for index in indices for one in self.conditions(part, line, name, index))

    def groups(
        self, part: Part, methods: Iterable[Method], name: str
    ) -> Iterator[tuple[Sequence[int], Sequence[Line]]]:
        """Pictures of a set, and the lines measured on every one of them: the most pictures first, at last all lines.

        A table of one group compares like with like.
        """
        lines = [line for method in methods for line in part.lines(method)]
        covered = {line: self._covered(part, line, name) for line in lines}
        for pictures in sorted({one for one in covered.values() if one}, key=len, reverse=True):
            yield sorted(pictures), [line for line in lines if covered[line] >= pictures]

    def _covered(self, part: Part, line: Line, name: str) -> frozenset[int]:
        """The places of the pictures on which all has been measured."""
        return frozenset(
            index
            for index in range(len(self.items.get(name, ())))
            if all(self.measured(part, one) for one in self.conditions(part, line, name, index))
        )

    def summaries(self, part: Part, line: Line, name: str, indices: Iterable[int]) -> Sequence[Summary]:
        """Means over pictures that a line has been measured on, noise by noise."""
        wanted = [one for index in indices for one in self.conditions(part, line, name, index)]
        return summarise([Row(**self.kept[one]["row"]) for one in wanted])


def measure(method: Method, condition: Condition, item: Item) -> Row:
    """One row, by the rules of ``Benchmark``; sigma is that of the noise before it was clipped."""
    sigma = NOISES[condition.noise] if condition.told else 0
    benchmark = Benchmark(method.denoisers, seed=condition.seed, sigma=sigma)
    clean = benchmark.clean(item.load())
    *_, trial = benchmark.trials(clean, condition.place, parse(condition.noise))
    return benchmark.measure(trial, clean, condition.picture, condition.noise)
