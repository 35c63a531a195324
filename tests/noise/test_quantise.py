import numpy as np
import pytest

from degrain.noise.base import Range
from degrain.noise.quantise import Quantise

RAMP = np.linspace(-0.5, 1.5, 1 << 14, dtype=np.float32).reshape(1, 128, 128)


@pytest.mark.parametrize("bits", [1, 2, 5, 8, 12])
def test_as_many_values_inside_the_range(lane, bits):
    quantised = np.asarray(Quantise(bits).apply(lane.array(RAMP), lane.draw()))
    assert len(np.unique(quantised)) == 2**bits
    assert (quantised.min(), quantised.max()) == (0, 1)
    assert np.abs(quantised - np.clip(RAMP, 0, 1)).max() <= 0.5 / (2**bits - 1) + 1e-6


@pytest.mark.parametrize("bits", range(1, 13))
def test_whole_bits_are_whole_in_a_batch_too(batches, bits):
    pinned = Quantise(Range(bits, bits)).pin(batches.draw())
    assert len(np.unique(pinned.apply(batches.array(RAMP), batches.draw()))) == 2**bits


def test_between_whole_bits(lane):
    assert len(np.unique(Quantise(np.log2(6)).apply(lane.array(RAMP), lane.draw()))) == 6
