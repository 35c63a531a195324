"""One of several noises."""

import numpy as np
import pytest

from degrain.noise.draw import NumpyDraw
from degrain.noise.either import Chosen
from degrain.noise.gaussian import Gaussian
from degrain.noise.poisson import Poisson


@pytest.mark.parametrize("which", [0, 1])
def test_the_chosen_noise_is_drawn_as_if_it_were_alone(which):
    clean = np.linspace(0.1, 0.9, 3 * 20 * 30, dtype=np.float32).reshape(3, 20, 30)
    noises = (Poisson(50), Gaussian(25))
    either = Chosen(noises, which + 0.5).apply(clean, NumpyDraw(np.random.default_rng(0)))
    alone = noises[which].apply(clean, NumpyDraw(np.random.default_rng(0)))
    np.testing.assert_array_equal(either, alone)
