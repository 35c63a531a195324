"""Gather photographs from the Pexels API, within its limits, crediting the photographers.

https://www.pexels.com/api/documentation/: 200 requests an hour and 20,000 a month, at most 80 pictures a request.
"""

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from degrain.errors import StorageError, UnreadableImage
from degrain.images.read import read
from degrain.sources.duplicates import ALIKE, Floats, fingerprint, similarity, views
from degrain.sources.pexels import MANIFEST, Entry, read_manifest, write_manifest
from degrain.storage.atomic import make_folder, whole_file
from degrain.storage.fetch import OnProgress, unwatched
from degrain.storage.http import Patience, Refused, get

KEY = "PEXELS_API_KEY"
ADDRESS = "https://api.pexels.com/v1"
PER_PAGE = 80
HOUR, PER_HOUR = 3600.0, 200  # seconds, requests
SIZE = "large2x"  # of those that are offered: the longest side has 1880 pixels or so
PATIENT = Patience(tries=8, first=30.0)  # most refusals come from the hourly limit: over an hour in all


@dataclass(frozen=True)
class Photo:
    """One search result; ``address`` is where its pixels are."""

    entry: Entry
    address: str


@dataclass
class PexelsApi:
    """A conversation with the API, slow enough for its limits.

    Attributes:
        key: personal, from https://www.pexels.com/api/.
        patience: how failures are met.
        address: of the API.
    """

    key: str
    patience: Patience = PATIENT
    address: str = ADDRESS
    _asked: deque[float] = field(default_factory=lambda: deque(maxlen=PER_HOUR), init=False)
    _empty_until: float = field(default=0.0, init=False)

    def search(self, query: str) -> Iterator[Photo]:
        """All results, page by page, each page asked for when it is needed.

        Args:
            query: what the photographs show.

        Raises:
            StorageError: the API cannot be reached, refuses, has no requests left this month, or has changed.
        """
        page = 1
        while page:
            parameters = urlencode({"query": query, "per_page": PER_PAGE, "page": page})
            found = self._ask(f"{self.address}/search?{parameters}")
            try:
                photos = [_photo(photo) for photo in found["photos"]]
                page = page + 1 if photos and found.get("next_page") else 0
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise StorageError(f"{self.address} answers in a way not known here: {error!r}") from error
            yield from photos

    def _ask(self, url: str) -> Mapping[str, Any]:
        self._keep_pace()
        body, headers = get(url, self.patience, self.key)
        self._note(headers)
        try:
            answer: Mapping[str, Any] = json.loads(body)
        except ValueError as error:
            raise StorageError(f"{url} answers with something else than JSON") from error
        return answer

    def _keep_pace(self) -> None:
        now = self.patience.now()
        if now < self._empty_until:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(self._empty_until))
            raise StorageError(f"the key has no requests left until {when}", hint="run the same command again then")
        if len(self._asked) == PER_HOUR and (wait := self._asked[0] + HOUR - now) > 0:
            self.patience.wait(wait, f"{PER_HOUR} requests were made within the hour")

    def _note(self, headers: Message) -> None:
        """Count a request; what is left this month stands in the headers of good answers only."""
        self._asked.append(self.patience.now())
        if headers.get("X-Ratelimit-Remaining") == "0" and headers.get("X-Ratelimit-Reset", "").isdecimal():
            self._empty_until = float(headers["X-Ratelimit-Reset"])


def api_key() -> str:
    """The key in ``PEXELS_API_KEY``. Raises StorageError, which never shows it, when it is missing or cannot be one."""
    if key := os.environ.get(KEY, "").strip():
        if key.isascii() and key.isprintable():
            return key
        raise StorageError(f"{KEY} holds characters that no key has", hint="set it anew, without line ends")
    raise StorageError(f"Pexels asks for a key, and {KEY} is not set", hint="get one at https://www.pexels.com/api/")


def gather(
    api: PexelsApi,
    query: str,
    count: int,
    folder: Path,
    *,
    on_progress: OnProgress = unwatched,
) -> int:
    """Download photographs and write ``manifest.csv`` beside them, up to a number of pictures in the folder.

    Stopped at any moment, it goes on when called again: what the manifest names is not fetched twice. Near-duplicates
    of pictures already there are left out, and the manifest says so.

    Args:
        api: where to ask.
        query: what the photographs show.
        count: pictures that the folder shall hold in the end.
        folder: made when it is missing.
        on_progress: called with pictures there and wanted.

    Returns:
        How many pictures there are; fewer than wanted when the search had no more.

    Raises:
        StorageError: the API or the disk refuses.
        TrainingError: the manifest cannot be understood.
    """
    make_folder(folder)
    entries = read_manifest(folder / MANIFEST)
    known = {entry.id for entry in entries}
    there = [entry for entry in entries if entry.file and (folder / entry.file).is_file()]
    prints = {entry.id: fingerprint(read(folder / entry.file)) for entry in there}
    results = api.search(query)
    while len(prints) < count and (photo := next(results, None)):
        if photo.entry.id in known:
            continue
        known.add(photo.entry.id)
        entries.append(_downloaded(photo, folder, prints, api.patience))
        write_manifest(folder / MANIFEST, entries)
        on_progress(len(prints), count)
    return len(prints)


def _downloaded(photo: Photo, folder: Path, prints: dict[str, Floats], patience: Patience) -> Entry:
    """Its line in the manifest; its fingerprint joins the others when it is kept."""
    try:
        body, _ = get(photo.address, patience)
    except Refused as error:  # this one is gone; the others are not
        return replace(photo.entry, left_out=f"refused: {error}")
    try:
        picture = read(body)
    except UnreadableImage as error:
        return replace(photo.entry, left_out=f"unreadable: {error}")
    if twin := _twin(views(picture), prints):
        return replace(photo.entry, left_out=f"near-duplicate of {twin}")
    name = f"{photo.entry.id}.jpg"
    with whole_file(folder / name, overwrite=True) as file:
        file.write(body)
    prints[photo.entry.id] = fingerprint(picture)
    return replace(
        photo.entry,
        file=name,
        sha256=hashlib.sha256(body).hexdigest(),
        width=str(picture.width),
        height=str(picture.height),
    )


def _twin(seen: Floats, prints: Mapping[str, Floats]) -> str | None:
    """The id of the most similar picture, when it is similar enough."""
    if not prints:
        return None
    likeness = similarity(seen, np.stack(list(prints.values()))).max(0)
    return list(prints)[int(likeness.argmax())] if likeness.max() >= ALIKE else None


def _photo(found: Mapping[str, Any]) -> Photo:
    entry = Entry(
        id=str(int(found["id"])),
        photographer=str(found["photographer"]),
        photographer_url=str(found["photographer_url"]),
        page=str(found["url"]),
    )
    return Photo(entry, str(found["src"][SIZE]))
