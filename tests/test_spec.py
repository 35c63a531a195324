"""What a model file may say of itself."""

import json

import pytest

from degrain.errors import ModelError
from degrain.spec import InputRule, ModelSpec

SPEC = ModelSpec("mine", {1: (0,), 3: (0, 1, 2)}, 3, InputRule(multiple_of=4, minimum=8), halo=9, card={"data": "own"})


def test_a_spec_comes_back():
    assert ModelSpec.from_json(SPEC.to_json()) == SPEC


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("planes", {}),
        ("planes", {"1": [3]}),
        ("planes", {"1": [-1]}),
        ("planes", {"3": [0]}),
        ("planes", {"3": [0, 0, 0]}),
        ("planes", {"3": [0, True, 2]}),
        ("width", 3.0),
        ("halo", 1.5),
        ("name", 5),
        ("wants_level", "no"),
        ("card", 3),
        ("format", 0),
        ("input", {"multiple_of": 4.0}),
        ("input", {"blend": 2.5}),
        ("input", {"exact": 32.0}),
        ("width", "3"),
        ("halo", -5),
        ("halo", "x"),
        ("format", 99),
        ("input", {"multiple_of": 0}),
        ("input", {"minimum": 0}),
        ("input", {"scope": "zz"}),
        ("input", {"scope": "resize"}),
        ("input", {"side": 3}),
        ("input", 3),
        ("input", {"scope": "whole", "exact": 64}),
        ("input", {"exact": 18}),  # twice the halo of 9
        ("input", {"exact": 24, "multiple_of": 8}),  # the halo reaches the next multiple
        ("input", {"exact": 32, "multiple_of": 8, "blend": 1}),
    ],
)
def test_nonsense_is_a_clear_error(field, value):
    with pytest.raises(ModelError):
        ModelSpec.from_json(json.dumps({**json.loads(SPEC.to_json()), field: value}))


def test_a_bottomless_description_is_a_clear_error():
    with pytest.raises(ModelError):
        ModelSpec.from_json("[" * 100_000)


def test_tiles_that_keep_a_single_pixel_are_allowed():
    assert ModelSpec("mine", {1: (0,)}, 1, InputRule(exact=19), halo=9).input.shared(9) == 18
