"""Requests, patiently: what the network does wrong is tried again, what a server asks for is waited for."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from importlib.metadata import version
from typing import TypeVar
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from degrain.errors import StorageError

CHUNK = 1 << 20  # bytes
TOO_MANY = 429
REASONS = {401: "the key is missing or wrong", 403: "the key is missing or wrong, or the server refuses"}

T = TypeVar("T")


def _untold(message: str) -> None:
    """Nobody follows the waits."""


@dataclass(frozen=True)
class Patience:
    """How failures are met.

    Attributes:
        tries: before giving up.
        first: seconds to wait after the first failure, twice as long after each further one, unless the server says.
        longest: seconds that a server may ask for; more is an error that says so.
        timeout: seconds without a byte.
        told: hears of every wait, one line.
        sleep: waits.
        now: seconds since the epoch.
    """

    tries: int = 5
    first: float = 1.0
    longest: float = 3600.0
    timeout: float = 30.0
    told: Callable[[str], None] = _untold
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    def wait(self, seconds: float, reason: str) -> None:
        """Tell, then sleep."""
        self.told(f"{reason}; going on in {seconds:.0f} s")
        self.sleep(seconds)


PATIENT = Patience()


class Broken(Exception):
    """A request failed in a way that another try may mend.

    Args:
        reason: one line.
        after: seconds that the server asks to wait, None when it says nothing.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Refused(StorageError):
    """A server will not answer, however often it is asked; ``status`` says why."""

    def __init__(self, url: str, status: int, reason: str) -> None:
        super().__init__(f"{url} cannot be fetched: {status} {reason}", hint=REASONS.get(status))
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What a server answers: status, headers, and the body in pieces."""

    response: HTTPResponse

    @property
    def status(self) -> int:
        """200, or 206 when it goes on where a range begins."""
        return self.response.status

    @property
    def headers(self) -> Message:
        """Names in any case."""
        return self.response.headers

    def chunks(self) -> Iterator[bytes]:
        """The body. Raises Broken when it stops before its end."""
        received, promised = 0, int(self.headers.get("Content-Length") or 0)
        with _broken():
            while chunk := self.response.read(CHUNK):
                received += len(chunk)
                yield chunk
        if received < promised:
            raise Broken(f"it stopped after {received} of {promised} bytes")


@contextmanager
def answered(
    url: str, patience: Patience, headers: Mapping[str, str] | None = None, key: str | None = None
) -> Iterator[Answer]:
    """Ask once.

    Args:
        url: http or https.
        patience: its timeout and clock.
        headers: sent along, also where the server redirects to.
        key: for ``Authorization``; sent to this server only.

    Raises:
        Broken: no connection, a failing server (5xx), or too many requests (429).
        Refused: any other answer but a good one.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise StorageError(f"{url} cannot be fetched: it is neither http nor https")
    request = Request(url, headers={"User-Agent": f"degrain/{version('degrain')}", **(headers or {})})  # noqa: S310
    if key:
        request.add_unredirected_header("Authorization", key)
    try:
        with _broken():
            response = urlopen(request, timeout=patience.timeout)  # noqa: S310  # http or https, see above
    except HTTPError as error:
        raise _refusal(error, url, patience.now()) from error
    with response:
        yield Answer(response)


def patiently(attempt: Callable[[], T], url: str, patience: Patience) -> T:
    """The result of the attempt, made again while it raises Broken.

    Raises:
        StorageError: after the last try, or when the server asks for more patience than there is.
    """
    for number in range(patience.tries):
        try:
            return attempt()
        except Broken as broken:
            wait = patience.first * 2**number if broken.after is None else broken.after
            if wait > patience.longest:
                raise StorageError(f"{url}: {broken}", hint=f"try again in {wait / 60:.0f} minutes") from broken
            if number + 1 == patience.tries:
                raise StorageError(f"{url} cannot be fetched: {broken}", hint="try again later") from broken
            patience.wait(wait, f"{url}: {broken}")
    raise AssertionError("unreachable: tries is at least one")


def get(url: str, patience: Patience, key: str | None = None) -> tuple[bytes, Message]:
    """A whole body and its headers, patiently; for what fits into memory.

    Raises:
        StorageError: it cannot be had.
    """

    def attempt() -> tuple[bytes, Message]:
        with answered(url, patience, key=key) as answer:
            return b"".join(answer.chunks()), answer.headers

    return patiently(attempt, url, patience)


@contextmanager
def _broken() -> Iterator[None]:
    """What the network raises as Broken; what the server says as it is."""
    try:
        yield
    except HTTPError:
        raise
    except (OSError, HTTPException) as error:
        raise Broken(str(getattr(error, "reason", None) or error) or type(error).__name__) from error


def _refusal(error: HTTPError, url: str, now: float) -> Broken | Refused:
    with error:
        if error.code == TOO_MANY or error.code >= 500:
            return Broken(f"the server says {error.code} {error.reason}", _wished(error.headers, now))
        return Refused(url, error.code, error.reason)


def _wished(headers: Message, now: float) -> float | None:
    """Seconds that ``Retry-After`` asks for, which gives them or a date; None without or when it is neither."""
    text = headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError):
        return None
