"""The words of noises: the short form of the command line, and YAML."""

import pytest

from degrain.errors import NoiseError
from degrain.noise.base import Range
from degrain.noise.chain import Chain
from degrain.noise.gaussian import Gaussian
from degrain.noise.poisson import Poisson
from degrain.noise.table import build, parse

READ = {
    "gaussian": Gaussian(),
    "gaussian:sigma=12": Gaussian(12),
    "gaussian: sigma = 12": Gaussian(12),
    "gaussian:sigma=5..50": Gaussian(Range(5, 50)),
    "gaussian:sigma=5..50..log": Gaussian(Range(5, 50, log=True)),
    "poisson:peak=1.e+3+gaussian": Chain((Poisson(1000), Gaussian())),
    "poisson:peak=1e+3+gaussian": Chain((Poisson(1000), Gaussian())),
    "poisson + gaussian:sigma=5": Chain((Poisson(), Gaussian(5))),
}


@pytest.mark.parametrize("text", READ)
def test_the_short_form(text):
    assert parse(text) == READ[text]


def test_a_chain_in_yaml_is_a_list():
    links = [{"name": "poisson", "peak": 1000}, {"name": "gaussian", "sigma": [5, 50, "log"]}]
    assert build("chain", {"links": links}) == Chain((Poisson(1000), Gaussian(Range(5, 50, log=True))))


def test_noises_may_be_named_in_yaml():
    named = {"dark": {"name": "gaussian", "sigma": 9}, "bright": {"name": "poisson"}}
    assert build("either", {"of": named}) == build("either", {"of": list(named.values())})
    with pytest.raises(NoiseError):
        build("gaussian", {"sigma": named})


def test_a_choice_binds_weaker_than_a_chain():
    assert parse("poisson+jpeg|gaussian").of == (parse("poisson+jpeg"), parse("gaussian"))


REFUSED = {  # text: what the message says
    "": "unknown noise ''",
    "fog": "unknown noise 'fog'",
    "chain": "a chain needs",
    "poisson+": "unknown noise ''",
    "+": "unknown noise ''",
    "poisson+fog": "unknown noise 'fog'",
    "quantise+gaussian": "quantise:bits=8 clips",
    "gaussian|": "unknown noise ''",
    "either": "either needs a list of two",
    "poisson:peek=30": "poisson has no 'peek'",
    "poisson:peak": "cannot read 'peak'",
    "poisson:peak=": "cannot read 'peak='",
    "poisson:peak=many": "cannot read",
    "poisson:peak=log": "cannot read",
    "poisson:peak=1..2..3": "cannot read",
    "poisson:peak=0..5..log": "peak: a range needs 0 < low <= high",
    "poisson:peak=9..5": "peak: a range needs low <= high",
    "poisson:peak=nan..5": "peak: a range needs low <= high",
    "poisson:peak=0": "poisson needs 0.01 <= peak <= 1e+06, got 0",
    "poisson:peak=nan": "got nan",
    "poisson:peak=inf": "got inf",
    "poisson:peak=5..inf": "got 5..inf",
    "poisson_gaussian:sigma=-1": "poisson_gaussian needs 0 <= sigma",
    "gaussian:sigma=-5..5": "gaussian needs 0 <= sigma",
    "speckle:sigma=-1": "speckle needs 0 <= sigma",
    "uniform:width=-1": "uniform needs 0 <= width",
    "correlated:radius=0": "correlated needs 0.1 <= radius <= 20",
    "salt_and_pepper:amount=1.5": "salt_and_pepper needs 0 <= amount <= 1",
    "salt_and_pepper:salt=2": "salt_and_pepper needs 0 <= salt <= 1",
    "masking:amount=-0.1": "masking needs 0 <= amount <= 1",
    "jpeg:quality=0": "jpeg needs 1 <= quality <= 100",
    "quantise:bits=0": "quantise needs 1 <= bits <= 16",
    "mottle:dose=0": "mottle needs 0.001 <= dose",
    "camera:quality=0..90": "camera needs quality 0 (no JPEG) or from 1 to 100",
    "camera:quality=0.5": "camera needs quality 0 (no JPEG) or from 1 to 100",
    "mottle:blur=-1": "mottle needs 0 <= blur",
    "gaussian:sigma=25,sigma=30": "has a setting twice",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_understood_is_refused(text):
    with pytest.raises(NoiseError) as refusal:
        parse(text)
    assert REFUSED[text] in str(refusal.value)
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        (["poisson"], {}),
        (None, {}),
        ("poisson", {"peak": True}),
        ("poisson", {"peak": None}),
        ("poisson", {"peak": "30"}),
        ("poisson", {"peak": []}),
        ("poisson", {"peak": [{"name": "gaussian"}]}),
        ("poisson", {"peak": [5, 50, "even"]}),
        ("poisson", {1: 30}),
        ("chain", {}),
        ("chain", {"links": []}),
        ("chain", {"links": 3}),
        ("chain", {"links": [5, 50]}),
        ("chain", {"links": ["gaussian"]}),
        ("chain", {"links": [{"name": "either", "of": [{"name": "gaussian"}, {"name": "poisson"}]}]}),
        ("either", {"of": [{"name": "gaussian"}]}),
        ("gaussian", {"sigma": ["a", "b"]}),
        ("chain", {"links": [{"sigma": 25}]}),
        ("chain", {"links": [{"name": "quantise"}, {"name": "gaussian"}]}),
        ("chain", {"links": [{"name": "chain", "links": [{"name": "quantise"}]}, {"name": "gaussian"}]}),
    ],
)
def test_recipes_that_make_no_sense_are_refused(name, settings):
    with pytest.raises(NoiseError):
        build(name, settings)


@pytest.mark.parametrize("ends", [("a", "b"), (None, 1)])
def test_a_range_has_numbers_for_its_ends(ends):
    with pytest.raises(NoiseError, match="a range goes from one number to another"):
        Range(*ends)


def test_a_python_user_is_told_too():
    with pytest.raises(NoiseError, match="gaussian needs 0 <= sigma <= 1000, got strong"):
        Gaussian("strong")
    with pytest.raises(NoiseError, match="a chain needs a list of noises"):
        Chain((Gaussian(), "gaussian"))
