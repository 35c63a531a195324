"""The page: well-formed, complete, nothing fetched from anywhere, and no name in it becomes code."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.exhibit import exhibit
from degrain.evaluation.html import OVERVIEW, to_html, to_section
from degrain.evaluation.rows import Row, summarise
from degrain.images.picture import Picture
from degrain.noise.table import parse
from degrain.spec import InputRule, ModelSpec

NASTY = "<script>alert('1')</script> & \"a\" $title ${x}.png"
VOID = {"meta", "img", "br", "path"}


class Page(HTMLParser):
    """Tags in order; fails when one is closed that is not open."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self._open = [], [], [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


class Item:
    """A ramp under a name that is no good."""

    key = group = NASTY

    def load(self):
        ramp = np.add.outer(np.arange(400), np.arange(600))[..., np.newaxis] % 256
        return Picture.of_array(ramp.astype(np.uint8), source=NASTY)


class Halve:
    """A model under such a name."""

    spec = ModelSpec(NASTY, {1: (0,)}, 1, InputRule(), halo=0)

    def __call__(self, tiles, level):
        return tiles / 2


@pytest.fixture(scope="module")
def text():
    benchmark = Benchmark({NASTY: Halve()})
    noises = {f"gaussian:sigma={sigma}": parse(f"gaussian:sigma={sigma}") for sigma in (15, 50)}
    summaries = summarise(benchmark.run([Item()], noises))
    sections = (to_section(exhibit(benchmark, Item().load(), NASTY, 0, noise, name)) for name, noise in noises.items())
    return to_html(summaries, sections, title=NASTY, command=f"degrain evaluate '{NASTY}'")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_it_is_well_formed_and_complete(page):
    assert page.tags[:2] == ["html", "head"]
    assert page.tags.count("svg") == 2
    assert page.tags.count("section") == 2
    assert page.tags.count("tr") == 1 + 4
    assert page.tags.count("figure") == 2 * (3 + 2)  # clean, noisy, model; noise, removed
    assert page.tags.count("img") == 2 * page.tags.count("figure")  # whole and detail


def test_no_name_becomes_a_tag_and_every_name_is_told(page):
    assert "script" not in page.tags
    assert any(NASTY in text for text in page.texts)
    assert f"degrain evaluate '{NASTY}'" in page.texts


def test_nothing_comes_from_anywhere_else(text, page):
    assert not re.search(r"(?i)https?:|//[a-z]|url\(|@import|<link|<script|<iframe", re.sub(r"base64,[^\"]+", "", text))
    sources = [value for name, value in page.attributes if name in ("src", "href", "srcset", "action")]
    assert all(source.startswith("data:image/") for source in sources)


def test_the_pictures_inside_can_be_opened(page):
    shown = [value.partition("base64,") for name, value in page.attributes if name == "src"]
    assert shown
    for kind, _, data in shown:
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            assert image.get_format_mimetype() in kind
            assert image.size in ((OVERVIEW, OVERVIEW * 400 // 600), (96, 96))


def test_every_picture_says_what_it_is(page):
    texts = [value for name, value in page.attributes if name == "alt"]
    assert len(texts) == page.tags.count("img")
    assert all(texts)


def test_it_says_what_made_it(page):
    made = "".join(page.texts)
    assert re.search(r"degrain \d+\.\d+.*numpy \d.*onnxruntime \d.*Python 3", made)
    assert "rounded to 8 bit" in made


def test_single_rows_make_a_page_without_curves():
    row = Row("m", "", "sigma measured", 5.0, "scan.png", {}, 4.5, 1.0, 0.2)
    page = Page(to_html([row], [], title="t", command="c"))
    assert page.tags.count("tr") == 2
    assert "svg" not in page.tags
