"""The averaged weights: a plain mean at first, a long memory later."""

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from degrain.errors import TrainingError
from degrain.training.averaging import averaging


def averages(decay: float, values: list[float]) -> list[float]:
    """The average after each of these weights."""
    module = nn.Linear(1, 1, bias=False)
    found = []
    callback = averaging(decay)
    average = AveragedModel(module, **callback._kwargs)
    for value in values:
        nn.init.constant_(module.weight, value)
        average.update_parameters(module)
        found.append(average.module.weight.item())
    return found


def test_untrained_weights_are_forgotten_at_once() -> None:
    found = averages(0.999, [1000.0] * 5 + [1.0] * 200)
    assert found[-1] == pytest.approx(1, abs=0.01)
    assert found[-1] > 1


def test_late_in_a_run_it_is_the_exponential_average() -> None:
    steps = 1000
    values = torch.linspace(0, 1, steps + 200).tolist()
    found = averages(0.95, values)
    last = found[steps]
    for value, mean in zip(values[steps + 1 :], found[steps + 1 :], strict=True):
        last = 0.95 * last + 0.05 * value
        assert mean == pytest.approx(last, abs=1e-6)


def test_no_number_is_read_back_from_the_device() -> None:
    mean = averaging(0.999)._kwargs["avg_fn"]
    weights, updates = (torch.ones(3, device="meta"), torch.tensor(5, device="meta"))  # where reading is an error
    assert mean(weights, weights, updates).shape == (3,)


@pytest.mark.parametrize("decay", [-0.1, 1.0, 2.0])
def test_another_decay_is_refused(decay: float) -> None:
    with pytest.raises(TrainingError, match="ema is a decay"):
        averaging(decay)
