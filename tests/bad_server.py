"""A real HTTP server on this machine that behaves as badly as it is told to, and a clock to meet it with patience."""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from degrain.storage.http import Patience


class Asked(BaseHTTPRequestHandler):
    """One request to a BadServer, and the ways to answer it."""

    server: "BadServer"

    def do_GET(self) -> None:  # the name that http.server looks for
        path = self.path.partition("?")[0]
        self.server.asked.append((self.path, self.headers))
        acts = self.server.acts.get(path, [status(404)])
        (acts.pop(0) if len(acts) > 1 else acts[0])(self)

    def answer(self, code: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


Act = Callable[[Asked], None]


def status(code: int, **headers: str) -> Act:
    """An answer without a body."""
    return lambda asked: asked.answer(code, **headers)


def body(content: bytes, *, ranges: bool = True, **headers: str) -> Act:
    """The content, or the range of it that is asked for."""

    def act(asked: Asked) -> None:
        start = int((asked.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if start and ranges:
            asked.answer(206 if start < len(content) else 416, content[start:])
        else:
            asked.answer(200, content, **headers)

    return act


def cut(content: bytes, after: int) -> Act:
    """All of the content is promised, but the connection ends early."""
    return lambda asked: asked.answer(200, content[:after], length=len(content))


def reset(asked: Asked) -> None:
    """The connection is reset before a byte is sent."""
    asked.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.connection.close()
    asked.wfile = asked.rfile = open("/dev/null", "wb")  # noqa: SIM115, PTH123  # what is left to flush goes nowhere


class BadServer(ThreadingHTTPServer):
    """A real server on this machine that does what it is told to: the acts of a path in turn, the last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.acts: dict[str, list[Act]] = {}
        self.asked: list[tuple[str, Message]] = []

    def on(self, path: str, *acts: Act) -> str:
        """Tell it what to do; the address."""
        self.acts[path] = list(acts)
        return self.url + path

    def handle_error(self, *_: object) -> None:
        """A reset connection is meant."""


@dataclass(frozen=True)
class Clock:
    """Time that passes only when somebody sleeps."""

    slept: list[float] = field(default_factory=list)
    start: float = 1_800_000_000.0

    def now(self) -> float:
        return self.start + sum(self.slept)

    def patience(self, **settings: object) -> Patience:
        return Patience(**{"sleep": self.slept.append, "now": self.now, "timeout": 5.0, **settings})
