"""Downloads from a real server that behaves badly; nobody sleeps."""

import email.utils
import hashlib
import subprocess
import sys
import time

import pytest

from bad_server import body, cut, reset, status
from degrain.errors import StorageError
from degrain.storage.fetch import cache_folder, fetch
from degrain.storage.http import get

CONTENT = bytes(range(256)) * 40_000  # 10 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def fetched(server, clock, tmp_path):
    """``fetched(act, ...)`` of a path that answers so."""

    def run(*acts, sha256=SHA256, **patience):
        url = server.on("/some/file.bin", *acts)
        return fetch(url, sha256, tmp_path / "new", patience=clock.patience(**patience))

    return run


def left(tmp_path):
    return sorted(path.name for path in (tmp_path / "new").iterdir() if path.name != ".file.bin.lock")


def test_a_file_arrives_whole_and_is_not_asked_for_again(fetched, server, tmp_path):
    for _ in range(2):
        assert fetched(body(CONTENT)).read_bytes() == CONTENT
    assert len(server.asked) == 1
    assert server.asked[0][1]["User-Agent"].startswith("degrain/")
    assert left(tmp_path) == ["file.bin"]


FETCH = """
import sys
from pathlib import Path
from degrain.storage.fetch import fetch
print(fetch(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
"""


def test_processes_that_want_the_same_file_share_one_download(server, tmp_path):
    def slowly(asked):
        time.sleep(1)  # all others have asked by then
        body(CONTENT)(asked)

    url = server.on("/file.bin", slowly)
    command = [sys.executable, "-c", FETCH, url, SHA256, str(tmp_path / "new")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    files = {run.communicate(timeout=60)[0].strip() for run in runs}
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert files == {str(tmp_path / "new" / "file.bin")}
    assert len(server.asked) == 1
    assert left(tmp_path) == ["file.bin"]


def test_progress_ends_at_the_whole(server, clock, tmp_path):
    seen = []
    url = server.on("/a", body(CONTENT))
    fetch(url, SHA256, tmp_path, patience=clock.patience(), on_progress=lambda *steps: seen.append(steps))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


@pytest.mark.parametrize("trouble", [status(500), status(503), reset, cut(CONTENT, 5_000_000), cut(CONTENT, 0)])
def test_trouble_that_passes(fetched, clock, trouble):
    assert fetched(trouble, trouble, body(CONTENT)).read_bytes() == CONTENT
    assert clock.slept == [1, 2]


def test_a_broken_download_goes_on_where_it_stopped(fetched, server):
    fetched(cut(CONTENT, 5_000_000), body(CONTENT))
    assert server.asked[1][1]["Range"] == "bytes=5000000-"


def test_it_goes_on_in_a_later_call_too(fetched, server, tmp_path):
    with pytest.raises(StorageError, match="5000000 of"):
        fetched(cut(CONTENT, 5_000_000), tries=1)
    assert left(tmp_path) == ["file.bin.part"]
    assert fetched(body(CONTENT)).read_bytes() == CONTENT
    assert server.asked[-1][1]["Range"] == "bytes=5000000-"
    assert left(tmp_path) == ["file.bin"]


def test_a_server_without_ranges_starts_again(fetched):
    assert fetched(cut(CONTENT, 5_000_000), body(CONTENT, ranges=False)).read_bytes() == CONTENT


def test_a_whole_partial_needs_only_its_name(fetched, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file.bin.part").write_bytes(CONTENT)
    assert fetched(body(CONTENT)).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [100, len(CONTENT), len(CONTENT) + 5])
def test_a_wrong_file_is_not_kept(fetched, tmp_path, size):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file.bin.part").write_bytes(bytes(size))
    with pytest.raises(StorageError, match="sha256") as caught:
        fetched(body(CONTENT))
    assert SHA256 in str(caught.value)
    assert left(tmp_path) == []
    assert fetched(body(CONTENT)).read_bytes() == CONTENT


def test_a_damaged_file_is_replaced(fetched, tmp_path):
    fetched(body(CONTENT)).write_bytes(b"damaged")
    assert fetched(body(CONTENT)).read_bytes() == CONTENT


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_refusal_is_final(fetched, server, clock, code):
    with pytest.raises(StorageError, match=str(code)):
        fetched(status(code))
    assert (len(server.asked), clock.slept) == (1, [])


def test_it_gives_up(fetched, server, clock):
    with pytest.raises(StorageError, match="500"):
        fetched(status(500), tries=4)
    assert (len(server.asked), clock.slept) == (4, [1, 2, 4])


def test_nobody_there(server, clock, tmp_path):
    server.server_close()
    with pytest.raises(StorageError, match="refused"):
        fetch(server.url + "/a", SHA256, tmp_path, patience=clock.patience(tries=2))
    assert clock.slept == [1]


def test_what_the_server_asks_for_is_waited_for(server, clock):
    date = email.utils.formatdate(clock.start + 50, usegmt=True)
    acts = [status(429, Retry_After="7"), status(503, Retry_After=date), status(429, Retry_After="soon"), body(b"x")]
    assert get(server.on("/", *acts), clock.patience())[0] == b"x"
    assert clock.slept == [7, 43, 4]


def test_every_wait_is_told(server, clock):
    told = []
    get(server.on("/", status(429, Retry_After="7"), body(b"x")), clock.patience(told=told.append))
    assert len(told) == 1
    assert "429" in told[0]
    assert "7 s" in told[0]


def test_a_server_that_asks_for_too_long(server, clock):
    with pytest.raises(StorageError, match="429") as caught:
        get(server.on("/", status(429, Retry_After="7200")), clock.patience())
    assert "120 minutes" in caught.value.hint
    assert clock.slept == []


def test_a_key_stays_with_the_server_that_it_is_for(server, clock):
    server.on("/there", body(b"x"))
    get(server.on("/here", status(302, Location="/there")), clock.patience(), key="secret")
    assert [headers["Authorization"] for _, headers in server.asked] == ["secret", None]


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/a", "nowhere"])
def test_other_schemes(url, tmp_path):
    with pytest.raises(StorageError, match="neither http nor https"):
        fetch(url, SHA256, tmp_path)


def test_the_folder_is_a_file(server, clock, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="file of that name"):
        fetch(server.on("/a", body(CONTENT)), SHA256, tmp_path / "file", patience=clock.patience())


def test_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("DEGRAIN_CACHE", raising=False)
    assert cache_folder() == tmp_path / "degrain"
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
