"""The average of the weights over the steps, which is what is judged and exported: smoother than the last step's."""

from collections.abc import Callable

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor

from degrain.errors import TrainingError


def averaging(decay: float) -> WeightAveraging:
    """An exponential moving average that forgets the untrained weights of the first steps.

    Early on the decay is (1 + step) / (10 + step), as in TensorFlow's ExponentialMovingAverage: with 0.999 from the
    start, a tenth of the average of a run of 2000 steps would be random weights.

    Args:
        decay: at most this, in [0, 1).

    Raises:
        TrainingError: another decay.
    """
    if not 0 <= decay < 1:
        raise TrainingError(f"ema is a decay from 0 to less than 1; got {decay}")
    return WeightAveraging(avg_fn=_mean(decay))


def _mean(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    def mean(average: Tensor, current: Tensor, updates: Tensor | int) -> Tensor:
        count = torch.as_tensor(updates)  # stays on its device: a GPU would be waited for, parameter by parameter
        kept = ((1 + count) / (10 + count)).clamp(max=decay)
        return kept * average + (1 - kept) * current

    return mean
