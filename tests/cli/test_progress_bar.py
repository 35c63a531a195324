import io

import pytest

from degrain.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch, stderr: io.StringIO, patience: float) -> str:
    """What a bar over two of four steps leaves on stderr."""
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setenv("TERM", "xterm")
    with progress.Bar("[odd] name.png") as bar:
        bar(1, 4)
        bar(3, 4)
    return stderr.getvalue()


def test_long_work_shows_a_bar_on_a_terminal(monkeypatch):
    text = shown(monkeypatch, Terminal(), patience=-1)
    assert "[odd] name.png" in text
    assert "75 %" in text


def test_short_work_shows_nothing(monkeypatch):
    assert shown(monkeypatch, Terminal(), patience=60) == ""


@pytest.mark.parametrize("colours", ["", "1"])
def test_nothing_is_shown_where_nobody_looks(monkeypatch, colours):
    monkeypatch.setenv("FORCE_COLOR", colours)
    assert shown(monkeypatch, io.StringIO(), patience=-1) == ""


def test_a_closed_stderr_stops_nothing(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    monkeypatch.setattr(progress, "PATIENCE", -1)
    with progress.Bar("name.png") as bar:
        bar(1, 4)
