"""LPIPS against torchmetrics, which carries the same heads, on one untrained VGG-16."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import lpips as theirs

from degrain.errors import ImageError, MetricError, StorageError
from degrain.metrics.table import METRICS
from degrain.objectives import lpips as module
from degrain.objectives import vgg
from degrain.objectives.lpips import Lpips


@pytest.fixture(scope="module")
def network():
    """With weights that keep the size of the signal."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "trained_vgg16", lambda layers, weights: vgg.Vgg16(layers))
            return Lpips()


def pair(channels=3, sigma=0.1):
    rng = np.random.default_rng(0)
    clean = rng.random((channels, 32, 40), dtype=np.float32)
    return clean, clean + sigma * rng.standard_normal(clean.shape, dtype=np.float32)


@pytest.fixture
def trained(network, monkeypatch):
    """The metric of the table, on that network."""
    monkeypatch.setattr(module, "_trained", lambda: network)
    return METRICS["lpips"].measure


def test_it_is_that_of_torchmetrics(network, monkeypatch):
    monkeypatch.setattr(theirs, "_get_tv_model_features", lambda *_: network.net.features)
    reference = theirs._LPIPS(net="vgg", pnet_rand=True)
    first, second = (torch.from_numpy(one)[None] for one in pair())
    with torch.inference_mode():
        expected = reference(first, second, normalize=True).flatten()
        found = network(first, second)
    assert found.item() == pytest.approx(expected.item(), rel=1e-4)
    assert found.item() > 1e-3


def test_more_noise_is_worse_and_equal_is_zero(trained):
    values = [trained(*pair(sigma=sigma)) for sigma in (0, 0.05, 0.2)]
    assert values[0] == 0
    assert values == sorted(values)


def test_gray_is_colour_with_equal_channels(trained):
    clean, candidate = pair(channels=1)
    assert trained(clean, candidate) == pytest.approx(trained(clean.repeat(3, 0), candidate.repeat(3, 0)))


def test_tiny_pictures_are_refused():
    with pytest.raises(ImageError, match="at least 16 pixels"):
        METRICS["lpips"].measure(*np.zeros((2, 3, 15, 40), np.float32))


def test_missing_weights_say_where_to_put_them(monkeypatch, tmp_path):
    def unreachable(*_):
        raise StorageError("no network")

    monkeypatch.setattr(vgg, "fetch", unreachable)
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path))
    with pytest.raises(MetricError, match="weights of VGG-16") as refused:
        METRICS["lpips"].measure(*pair())
    assert str(tmp_path) in refused.value.hint
