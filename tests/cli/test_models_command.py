import json

import pytest

pytestmark = pytest.mark.usefixtures("bundled")


def test_networks_then_classical_methods(degrain):
    done = degrain("models")
    assert (done.code, done.err) == (0, "")
    assert [line.split()[:2] for line in done.out.splitlines()][:2] == [["photo", "network"], ["small", "network"]]
    assert "nlm        classical  non-local means" in done.out.splitlines()


def test_json_has_the_card(degrain):
    _, small, *classical = map(json.loads, degrain("models", "--json").out.splitlines())
    assert small == {"name": "small", "kind": "network", "wants_level": True, "card": {"made": "in a test"}}
    assert {model["name"] for model in classical} >= {"nlm", "tv", "wavelet"}
    assert all(model["card"]["paper"] for model in classical)


def test_a_card_by_name(degrain):
    done = degrain("models", "nlm", "small")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("nlm\n  method   non-local means\n  paper    Buades")
    assert done.out.endswith("small\n  made  in a test\n")


def test_an_unknown_name_is_said(degrain):
    done = degrain("models", "smal")
    assert (done.code, done.out) == (1, "")
    assert "no denoiser is called smal" in done.err
    assert "did you mean small?" in done.err
