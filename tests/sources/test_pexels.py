"""Gathering from a server that plays the API, well and badly; nobody sleeps and no key is needed."""

import csv
import hashlib
import io
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image

from bad_server import body, cut, status
from degrain.errors import StorageError, TrainingError
from degrain.sources.pexels import MANIFEST, Pexels
from degrain.sources.pexels_api import PER_HOUR, PexelsApi, api_key, gather
from degrain.sources.split import Split

KEY = "a personal key"


def jpeg(seed: int, side: int = 96, quality: int = 90) -> bytes:
    """A picture of its own for each seed; sizes and qualities of one seed are near-duplicates."""
    cells = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(cells).resize((side, side), Image.Resampling.BICUBIC).save(file, "JPEG", quality=quality)
    return file.getvalue()


class Pages:
    """The search of the API over photographs 100, 101, ...; three photographers take turns."""

    def __init__(self, server, clock, pictures, per_page=80, **headers):
        self.server, self.clock, self.pictures, self.headers = server, clock, pictures, headers
        self.per_page = per_page
        self.api = PexelsApi(KEY, clock.patience(tries=3, first=30.0, longest=4000.0), server.url + "/v1")
        server.on("/v1/search", self.search)
        for number, picture in enumerate(pictures):
            server.on(f"/photo/{100 + number}.jpeg", body(picture))

    def search(self, asked):
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        assert asked.headers["Authorization"] == KEY
        assert query["query"] == "cat"
        assert int(query["per_page"]) <= 80
        first = (int(query["page"]) - 1) * self.per_page
        numbers = range(first, min(first + self.per_page, len(self.pictures)))
        more = {"next_page": "more"} if first + self.per_page < len(self.pictures) else {}
        answer = {"photos": [self.photo(number) for number in numbers], **more}
        asked.answer(200, json.dumps(answer).encode(), **self.headers)

    def photo(self, number):
        maker = f"@{'abc'[number % 3]}"
        return {
            "id": 100 + number, "width": 4000, "height": 3000, "url": f"https://pexels.com/photo/{100 + number}/",
            "photographer": f"Ümit, {maker}", "photographer_url": f"https://pexels.com/{maker}",
            "src": {"large2x": f"{self.server.url}/photo/{100 + number}.jpeg"},
        }  # fmt: skip

    def gather(self, folder, count=100):
        return gather(self.api, "cat", count, folder)

    def asked(self, path):
        return [name for name, _ in self.server.asked if name.startswith(path)]


@pytest.fixture
def pages(server, clock):
    return lambda pictures, **settings: Pages(server, clock, pictures, **settings)


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / MANIFEST).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_pictures_and_their_credits(pages, tmp_path):
    made = [jpeg(seed) for seed in range(7)]
    assert pages(made, per_page=3).gather(tmp_path / "new") == 7
    for number, (row, picture) in enumerate(zip(manifest(tmp_path / "new"), made, strict=True)):
        assert (tmp_path / "new" / row["file"]).read_bytes() == picture
        assert row["sha256"] == hashlib.sha256(picture).hexdigest()
        assert row["page"] == f"https://pexels.com/photo/{100 + number}/"
        assert row["photographer"] == f"Ümit, @{'abc'[number % 3]}"
        assert (row["width"], row["height"]) == ("96", "96")  # of the file, not of the original


def test_the_key_goes_to_the_api_only(pages, tmp_path):
    made = pages([jpeg(0)])
    made.gather(tmp_path)
    assert {path.partition("/v1")[1]: headers["Authorization"] for path, headers in made.server.asked} == {
        "/v1": KEY,
        "": None,
    }


def test_no_more_is_fetched_than_wanted(pages, tmp_path):
    made = pages([jpeg(seed) for seed in range(9)], per_page=3)
    assert made.gather(tmp_path, 3) == 3
    assert len(made.asked("/v1")) == 1
    assert len(made.asked("/photo")) == 3


def test_it_goes_on_where_it_was(pages, tmp_path):
    made = pages([jpeg(seed) for seed in range(6)])
    made.server.on("/photo/103.jpeg", status(500))
    with pytest.raises(StorageError, match=r"103\.jpeg"):
        made.gather(tmp_path)
    assert len(manifest(tmp_path)) == 3
    made.server.on("/photo/103.jpeg", cut(jpeg(3), 500), body(jpeg(3)))
    assert made.gather(tmp_path) == 6
    assert len(made.asked("/photo/100")) == 1
    assert [row["id"] for row in manifest(tmp_path)] == ["100", "101", "102", "103", "104", "105"]
    assert made.gather(tmp_path) == 6
    assert len(made.asked("/photo")) == 3 + 3 + 2 + 2


def test_near_duplicates_are_left_out_and_remembered(pages, tmp_path):
    made = pages([jpeg(0), jpeg(1), jpeg(0, side=200, quality=50), jpeg(2)])
    assert made.gather(tmp_path) == 3
    assert [row["left_out"] for row in manifest(tmp_path)] == ["", "", "near-duplicate of 100", ""]
    assert made.gather(tmp_path) == 3
    assert len(made.asked("/photo/102")) == 1
    assert len(Pexels(tmp_path).items()) == 3


def test_what_is_no_picture_is_left_out(pages, tmp_path):
    assert pages([jpeg(0), b"<html>", jpeg(1)]).gather(tmp_path) == 2
    assert "unreadable" in manifest(tmp_path)[1]["left_out"]


def test_too_many_requests(pages, clock, tmp_path):
    made = pages([jpeg(0)])
    made.server.on("/v1/search", status(429), status(429, Retry_After="120"), made.search)
    assert made.gather(tmp_path) == 1
    assert clock.slept == [30, 120]


def test_no_more_than_the_hourly_requests(pages, clock):
    made = pages([b""] * (PER_HOUR + 3), per_page=1)
    assert len(list(made.api.search("cat"))) == PER_HOUR + 3
    assert clock.slept == [3600]


def test_the_month_is_used_up(pages, clock, tmp_path):
    made = pages(
        [jpeg(seed) for seed in range(4)], per_page=2,
        X_Ratelimit_Limit="20000", X_Ratelimit_Remaining="0", X_Ratelimit_Reset=str(int(clock.start) + 1000),
    )  # fmt: skip
    with pytest.raises(StorageError, match="no requests left until"):
        made.gather(tmp_path)
    assert len(manifest(tmp_path)) == 2
    clock.slept.append(1001)
    assert made.gather(tmp_path, 2) == 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [(b"<html>", "JSON"), (b"[]", "not known here"), (b'{"photos": [{"id": "../x"}]}', "not known here")],
)
def test_another_answer_than_expected(pages, tmp_path, answer, message):
    made = pages([])
    made.server.on("/v1/search", body(answer))
    with pytest.raises(StorageError, match=message):
        made.gather(tmp_path)


def test_a_wrong_key(pages, tmp_path):
    made = pages([])
    made.server.on("/v1/search", status(401))
    with pytest.raises(StorageError, match="401") as caught:
        made.gather(tmp_path)
    assert "key" in caught.value.hint


def test_nothing_found(pages, tmp_path):
    assert pages([]).gather(tmp_path) == 0


def test_the_key_is_in_the_environment(monkeypatch):
    monkeypatch.setenv("PEXELS_API_KEY", KEY)
    assert api_key() == KEY
    monkeypatch.setenv("PEXELS_API_KEY", KEY + "\r\n")  # of a file with line ends of Windows
    assert api_key() == KEY
    monkeypatch.setenv("PEXELS_API_KEY", "sec\rret")
    with pytest.raises(StorageError, match="characters that no key has") as refusal:
        api_key()
    assert "ret" not in str(refusal.value)
    monkeypatch.delenv("PEXELS_API_KEY")
    with pytest.raises(StorageError, match="PEXELS_API_KEY"):
        api_key()


def test_photographers_are_groups(pages, tmp_path):
    pages([jpeg(seed) for seed in range(9)]).gather(tmp_path)
    split = Split(Pexels(tmp_path), valid=0.5)
    assert len({item.group for item in split.items("all")}) == 3
    groups = [{item.group for item in items} for items in split.sides.values()]
    assert sum(map(len, groups)) == 3


def test_pictures_thrown_away_by_hand_stay_away(pages, tmp_path):
    made = pages([jpeg(seed) for seed in range(4)])
    made.gather(tmp_path)
    (tmp_path / "101.jpg").unlink()
    assert len(Pexels(tmp_path).items()) == 3
    assert "101.jpg" in Pexels(tmp_path).missing()[0]
    assert made.gather(tmp_path) == 3
    assert not (tmp_path / "101.jpg").exists()


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "id,photographer,photographer_url,page,file\n1,a,b,c,../../etc/x\n", '"', "id\n\xff"]
)
def test_a_manifest_that_cannot_be_used(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text, encoding="latin1")
    with pytest.raises(TrainingError, match="manifest"):
        Pexels(tmp_path).items()


def test_no_manifest(tmp_path):
    with pytest.raises(TrainingError, match="manifest") as caught:
        Pexels(tmp_path).items()
    assert "degrain data pexels" in caught.value.hint
