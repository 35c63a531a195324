"""A document whose figures are made by the commands that it names."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks/remake.py"
TEXT = """# Sums

<!-- python -c "print(6 * 7)" -->
43
<!-- / -->

By hand.

<!-- python -c "print('|a|'); print('|-|')" -->
old
and older
<!-- / -->
"""


def remake(document: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), str(document), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_part_is_made_anew_and_the_rest_stays(tmp_path):
    document = tmp_path / "sums.md"
    document.write_text(TEXT)
    assert remake(document).returncode == 0
    assert document.read_text() == TEXT.replace("43", "42").replace("old\nand older", "|a|\n|-|")


def test_a_part_may_be_empty_at_first(tmp_path):
    document = tmp_path / "sums.md"
    document.write_text(TEXT.replace("43\n", ""))
    remake(document)
    assert "42\n<!-- / -->" in document.read_text()


def test_one_part_alone(tmp_path):
    document = tmp_path / "sums.md"
    document.write_text(TEXT)
    remake(document, "--only", "6 * 7")
    assert document.read_text() == TEXT.replace("43", "42")


def test_a_command_that_fails_changes_nothing(tmp_path):
    document = tmp_path / "sums.md"
    document.write_text(TEXT.replace("6 * 7", "6 / 0"))
    assert remake(document).returncode != 0
    assert document.read_text() == TEXT.replace("6 * 7", "6 / 0")


def test_a_document_without_parts_says_so(tmp_path):
    document = tmp_path / "plain.md"
    document.write_text("# Nothing\n")
    answer = remake(document)
    assert answer.returncode == 1
    assert "has no part" in answer.stderr
