"""Every example in a docstring runs and gives what it shows."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import degrain as package

ROOT = Path(package.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): text
    for path in sorted(ROOT.rglob("*.py"))
    if ">>> " in (text := path.read_text(encoding="utf-8"))
}


def test_there_are_examples():
    assert "degrain.noise.table" in MODULES


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    if "import torch" in MODULES[name]:
        pytest.importorskip("torch")
    results = doctest.testmod(import_module(name))
    assert results.attempted
    assert results.failed == 0
