"""One of several noises."""

import numpy as np
import pytest
import torch

from degrain.data.draw import TorchDraw
from degrain.errors import NoiseError
from degrain.noise.draw import NumpyDraw
from degrain.noise.either import Chosen, Either
from degrain.noise.gaussian import Gaussian
from degrain.noise.poisson import Poisson


@pytest.mark.parametrize("which", [0, 1])
def test_the_chosen_noise_is_drawn_as_if_it_were_alone(which):
    clean = np.linspace(0.1, 0.9, 3 * 20 * 30, dtype=np.float32).reshape(3, 20, 30)
    noises = (Poisson(50), Gaussian(25))
    either = Chosen(noises, which + 0.5).apply(clean, NumpyDraw(np.random.default_rng(0)))
    alone = noises[which].apply(clean, NumpyDraw(np.random.default_rng(0)))
    np.testing.assert_array_equal(either, alone)


def test_a_choice_within_a_choice_would_have_other_odds_than_it_says():
    with pytest.raises(NoiseError, match="a choice is one of the choices"):
        Either((Either((Gaussian(5), Poisson(50))), Gaussian(50)))


def test_what_a_batch_has_drawn_can_be_told():
    drawn = Either((Gaussian(5), Poisson(50))).pin(TorchDraw.of_step(0, 0, 20, torch.device("cpu")))
    assert str(drawn) == "gaussian:sigma=5|poisson:peak=50"
