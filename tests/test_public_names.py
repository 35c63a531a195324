"""The names that ``import degrain`` gives; adding one is a decision."""

import pytest

import degrain as package

NAMES = [
    *("DegrainError", "Engine", "NoiseLevel", "Picture", "denoise"),
    *("estimate_noise", "estimate_sigma", "open_denoiser", "read", "write"),
]


def test_the_list_is_the_one_decided():
    assert package.__all__ == NAMES
    assert dir(package) == sorted([*NAMES, "__version__"])


@pytest.mark.parametrize("name", NAMES)
def test_each_resolves_and_says_what_it_is(name):
    thing = getattr(package, name)
    assert thing.__name__ == name
    assert thing.__doc__


def test_a_star_import_gives_all():
    names: dict[str, object] = {}
    exec("from degrain import *", names)  # noqa: S102
    assert names.keys() >= set(NAMES)


def test_any_other_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'degrain' has no attribute 'denoize'"):
        _ = package.denoize


def test_the_version_is_one():
    assert package.__version__.count(".") >= 2
