"""One process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from degrain.errors import StorageError
from degrain.storage.lock import held_alone

HOLD = "import sys, time; from degrain.storage.lock import held_alone; from pathlib import Path\n"
HOLD += "with held_alone(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"


def test_another_process_is_kept_out_until_the_holder_is_killed(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(StorageError, match="another process is at work"), held_alone(path, wait=False):
        pass
    holder.kill()
    holder.communicate()
    with held_alone(path, wait=False):
        pass


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=r"file/\.lock cannot be written"), held_alone(tmp_path / "file" / ".lock"):
        pass


def test_a_file_system_without_locks_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for such a file system, which cannot be had here."""

    def unknown(self: FileLock) -> None:
        raise NotImplementedError

    monkeypatch.setattr(FileLock, "acquire", unknown)
    with held_alone(tmp_path / ".lock"):
        pass
