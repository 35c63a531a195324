"""A folder to stand in, with one noisy picture."""

from pathlib import Path

import pytest


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def photo(here, save_noisy) -> Path:
    """``photo.png`` in the current folder."""
    return save_noisy(here / "photo.png").relative_to(here)
