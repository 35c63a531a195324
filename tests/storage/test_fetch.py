"""Downloads from a server in this process: whole and checked, or nothing at all."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from degrain.errors import StorageError
from degrain.storage.fetch import cache_folder, fetch

CONTENT = bytes(range(256)) * 9000  # over one chunk
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Answers(BaseHTTPRequestHandler):
    """What a server may do."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/gone.bin":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/unsized.bin":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        sent = {"/short.bin": CONTENT[:-1000], "/other.bin": CONTENT[:-1] + b"x"}
        self.wfile.write(sent.get(self.path, CONTENT))

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(Answers, "asked", [], raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@pytest.mark.parametrize("name", ["whole.bin", "unsized.bin", "whole.bin?v=1"])
def test_a_file_comes_whole_and_only_once(url: str, tmp_path: Path, name: str) -> None:
    path = fetch(f"{url}/{name}", SHA256, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / name.partition("?")[0]
    assert path.read_bytes() == CONTENT
    assert fetch(f"{url}/{name}", SHA256, path.parent) == path
    assert Answers.asked == [f"/{name}"]


def test_a_damaged_file_in_the_cache_is_fetched_again(url: str, tmp_path: Path) -> None:
    (tmp_path / "whole.bin").write_bytes(CONTENT[:100])
    assert fetch(f"{url}/whole.bin", SHA256, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "message"),
    [("gone.bin", "404"), ("short.bin", "2303000 of 2304000 bytes"), ("other.bin", "is not the file")],
)
def test_anything_else_leaves_nothing_behind(url: str, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(StorageError, match=message) as caught:
        fetch(f"{url}/{name}", SHA256, tmp_path)
    assert name in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_the_cache_survives_a_failed_download(url: str, tmp_path: Path) -> None:
    (tmp_path / "gone.bin").write_bytes(b"an older one")
    with pytest.raises(StorageError, match="404"):
        fetch(f"{url}/gone.bin", SHA256, tmp_path)
    assert (tmp_path / "gone.bin").read_bytes() == b"an older one"


def test_a_server_that_is_not_there_is_named(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as closed:
        port = closed.server_port
    with pytest.raises(StorageError, match=f":{port}/a.bin cannot be fetched"):
        fetch(f"http://127.0.0.1:{port}/a.bin", SHA256, tmp_path)


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://host/a.bin", "a.bin"])
def test_only_http_is_spoken(address: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="neither http nor https"):
        fetch(address, SHA256, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_cache_folder_is_named(url: str, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(StorageError, match="cannot be a folder"):
        fetch(f"{url}/whole.bin", SHA256, tmp_path / "cache")


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    monkeypatch.delenv("DEGRAIN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "degrain"
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path / "mine"))
    assert fetch(f"{url}/whole.bin", SHA256) == tmp_path / "mine" / "whole.bin"
