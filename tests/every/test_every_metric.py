"""The same questions to every metric in the table that needs nothing to be fetched."""

import sys

import numpy as np
import pytest

from degrain.errors import ImageError, MetricError, MissingExtra
from degrain.metrics.table import METRICS, check_metrics

SIDE = 176  # what the most demanding needs


FETCHED = {"lpips"}  # their weights; they answer the same questions in their own tests


@pytest.fixture(params=sorted(METRICS.keys() - FETCHED))
def metric(request):
    return METRICS[request.param]


def picture(channels=3, height=SIDE, width=SIDE + 7):
    """Smooth waves, well inside of the range."""
    y, x = np.mgrid[0:height, 0:width] / 40
    waves = [0.5 + 0.2 * np.sin(3 * x + channel) * np.cos(2 * y - channel) for channel in range(channels)]
    return np.stack(waves).astype(np.float32)


def spoilt(clean, sigma=0.05):
    return clean + np.float32(sigma) * np.random.default_rng(0).standard_normal(clean.shape, dtype=np.float32)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_met_exactly_has_the_best_value(metric, channels):
    clean = picture(channels)
    assert metric.measure(clean, clean.copy()) == pytest.approx(metric.best, abs=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_more_noise_is_worse(metric, channels):
    clean = picture(channels)
    values = [metric.measure(clean, spoilt(clean, sigma)) for sigma in (0, 0.01, 0.03, 0.1, 0.25)]
    assert values == sorted(values, reverse=metric.higher_is_better)
    assert len(set(values)) == len(values)


def test_symmetric(metric):
    clean = picture()
    assert metric.measure(clean, spoilt(clean)) == pytest.approx(metric.measure(spoilt(clean), clean), rel=1e-4)


def test_turning_both_pictures_upside_down_changes_nothing(metric):
    clean = picture(width=SIDE)
    upside_down = [np.ascontiguousarray(one[:, ::-1]) for one in (clean, spoilt(clean))]
    assert metric.measure(*upside_down) == pytest.approx(metric.measure(clean, spoilt(clean)), rel=1e-5)


def test_the_pictures_stay_as_they_are(metric):
    clean, candidate = picture(), spoilt(picture())
    before = clean.copy(), candidate.copy()
    metric.measure(clean, candidate)
    np.testing.assert_array_equal(clean, before[0])
    np.testing.assert_array_equal(candidate, before[1])


@pytest.mark.parametrize("other", [(1, SIDE, SIDE), (3, SIDE, SIDE + 1), (3, SIDE + 1, SIDE)])
def test_unequal_shapes_are_refused(metric, other):
    with pytest.raises(ImageError, match="one shape"):
        metric.measure(np.zeros((3, SIDE, SIDE), np.float32), np.zeros(other, np.float32))


def test_an_unknown_name_is_refused():
    check_metrics(METRICS)
    with pytest.raises(MetricError, match="unknown metric 'vibes'") as refused:
        check_metrics(["psnr", "vibes"])
    assert "ciede2000" in refused.value.hint


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.extra])
def test_a_missing_extra_is_named(monkeypatch, name):
    for module in [module for module in sys.modules if module.startswith("degrain.objectives")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match="needs torch") as refused:
        METRICS[name].measure(picture(), picture())
    assert refused.value.hint == f"pip install 'degrain[{METRICS[name].extra}]'"
