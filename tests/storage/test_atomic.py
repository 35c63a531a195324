"""Whole or not at all: what is there afterwards, whatever happens in between."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from degrain.errors import StorageError
from degrain.storage.atomic import check_target, make_own_folder, remove_leftovers, whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def put(target: Path, data: bytes = b"new", *, overwrite: bool = False) -> None:
    with whole_file(target, overwrite=overwrite) as file:
        file.write(data)


@pytest.mark.parametrize("name", ["a.png", "x" * 251 + ".png", "é 📷 %s {0} [1].png", "-leading.png", "new\nline.png"])
def test_the_file_is_there_and_nothing_else(tmp_path, name):
    put(tmp_path / name)
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"new"


def test_nobody_sees_it_before_it_is_whole(tmp_path):
    with whole_file(tmp_path / "a") as file:
        file.write(b"half")
        file.flush()
        assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_when_the_block_fails(tmp_path, trouble):
    with pytest.raises(trouble), whole_file(tmp_path / "a") as file:  # noqa: PT012 the block is the point
        file.write(b"half")
        raise trouble
    assert names(tmp_path) == []


def test_existing_files_are_safe(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(StorageError, match="exists already") as refusal:
        put(tmp_path / "a")
    assert "overwrite" in refusal.value.hint
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_file_that_appears_meanwhile_is_safe(tmp_path):
    def race():
        with whole_file(tmp_path / "a") as file:
            file.write(b"new")
            (tmp_path / "a").write_bytes(b"theirs")

    with pytest.raises(StorageError, match="exists already"):
        race()
    assert (tmp_path / "a").read_bytes() == b"theirs"
    assert names(tmp_path) == ["a"]


def test_a_file_that_appears_is_safe_without_hard_links(tmp_path, monkeypatch):
    """FAT and some network disks have none."""

    def no_links(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    put(tmp_path / "a")
    assert names(tmp_path) == ["a"]
    with pytest.raises(StorageError, match="exists already"):
        put(tmp_path / "a", b"other")


@pytest.mark.parametrize("trouble", [OSError, KeyboardInterrupt])
def test_nothing_is_left_when_the_last_step_fails_without_hard_links(tmp_path, monkeypatch, trouble):
    def refused(*names):
        raise OSError(errno.EPERM, "no links here")

    def fails(*names):
        raise trouble

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises((StorageError, KeyboardInterrupt)):
        put(tmp_path / "a")
    assert names(tmp_path) == []


def test_a_failed_overwrite_keeps_the_old_file(tmp_path):
    (tmp_path / "a").write_bytes(b"old")

    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "a", overwrite=True) as file:  # noqa: PT012
        file.write(b"half")
        raise KeyboardInterrupt
    assert (tmp_path / "a").read_bytes() == b"old"


def test_overwrite_replaces_keeps_permissions_and_follows_links(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    put(tmp_path / "link", overwrite=True)
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_is_no_target(tmp_path, overwrite):
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError, match="it is a folder"):
        put(tmp_path / "a", overwrite=overwrite)
    assert names(tmp_path) == ["a"]


def test_devices_are_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="not a regular file"):
        put(tmp_path / "pipe", overwrite=True)
    with pytest.raises(StorageError, match="not a regular file"):
        put(Path("/dev/null"), overwrite=True)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StorageError, match="the folder does not exist"):
        put(tmp_path / "gone" / "a")


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="not a folder"):
        put(tmp_path / "file" / "a")


@pytest.mark.parametrize("name", ["x" * 256, "a\0b"])
def test_impossible_names(tmp_path, name):
    with pytest.raises(StorageError, match="cannot be written"):
        put(tmp_path / name)
    assert names(tmp_path) == []


def child(code: str, *arguments: object) -> subprocess.CompletedProcess:
    head = "import os, resource, signal, sys, time; from pathlib import Path; from degrain.storage.atomic import *\n"
    command = [sys.executable, "-c", head + code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_no_space_for_the_file(tmp_path):
    """A limit on file size stands for the full disk: the write fails half way."""
    (tmp_path / "done").write_bytes(b"done")
    code = (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n"
        "    with whole_file(Path(sys.argv[1])) as file: file.write(bytes(200_000))\n"
        "except StorageError as error: print(error)"
    )
    assert "larger than allowed" in child(code, tmp_path / "a").stdout
    assert names(tmp_path) == ["done"]


def test_a_full_disk(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    from degrain.storage.atomic import explained

    with pytest.raises(OSError, match="space") as full, Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")
    assert "MB free" in str(explained(tmp_path / "a", full.value))


def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o555)
    code = (
        "os.chdir(sys.argv[1])\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try:\n"
        "    with whole_file(Path('a')) as file: file.write(b'x')\n"
        "except StorageError as error: print(error)"
    )
    assert child(code, tmp_path).stdout == "a cannot be written: permission denied\n"
    tmp_path.chmod(0o755)
    assert names(tmp_path) == []


def test_a_link_to_nothing_is_told_before_the_work(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(StorageError, match="exists already"):
        check_target(tmp_path / "link")
    check_target(tmp_path / "link", overwrite=True)


def test_a_read_only_folder_is_told_before_the_work(tmp_path):
    tmp_path.chmod(0o555)
    code = (
        "from degrain.storage.atomic import check_target\n"
        "os.chdir(sys.argv[1])\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: check_target(Path('a'))\n"
        "except StorageError as error: print(error)"
    )
    assert child(code, tmp_path).stdout == "a cannot be written: permission denied\n"


@pytest.mark.parametrize("instant", range(5))
def test_killed_at_any_instant(tmp_path, instant):
    """Every file under its name is whole; a leftover has a name of its own and is removed later."""
    code = (
        "print('go', flush=True)\n"
        "for number in range(100_000):\n"
        "    with whole_file(Path(sys.argv[1], f'{number}.bin')) as file:\n"
        "        for _ in range(50): file.write(bytes(1000))"
    )
    head = "import sys; from pathlib import Path; from degrain.storage.atomic import *\n"
    process = subprocess.Popen([sys.executable, "-c", head + code, tmp_path], stdout=subprocess.PIPE)
    process.stdout.readline()
    time.sleep(0.02 + 0.013 * instant)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = [path for path in tmp_path.iterdir() if path.suffix == ".bin"]
    assert all(path.stat().st_size == 50_000 for path in done)
    remove_leftovers(tmp_path, older_than=-1)
    assert len(names(tmp_path)) == len(done)


def test_fresh_temporaries_of_others_stay(tmp_path):
    with whole_file(tmp_path / "a") as file:
        file.write(b"x")
        assert remove_leftovers(tmp_path) == 0
    assert names(tmp_path) == ["a"]


def test_everybody_gets_a_folder_of_their_own(tmp_path):
    wanted = tmp_path / "runs" / "now"
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(make_own_folder, [wanted] * 24))
    assert len(set(folders)) == 24
    assert {folder.name for folder in folders} == {"now", *(f"now_{number}" for number in range(2, 25))}
    assert all(folder.is_dir() for folder in folders)


@pytest.mark.parametrize("place", ["file/now", "link/now", "file/deep/now"])
def test_a_folder_that_cannot_be_is_refused(tmp_path, place):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(StorageError):
        make_own_folder(tmp_path / place)
