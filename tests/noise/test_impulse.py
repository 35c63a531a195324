import numpy as np
import pytest

from degrain.noise.impulse import Masking, SaltAndPepper


def test_the_shares(lane):
    noisy = np.asarray(SaltAndPepper(amount=0.2, salt=0.25).apply(lane.flat(0.5), lane.draw()))
    assert [(noisy == value).mean() for value in (0, 0.5, 1)] == pytest.approx([0.15, 0.8, 0.05], abs=0.01)


def test_salt_hits_samples_and_masks_hit_pixels(lane):
    clean = lane.smooth()
    lost = np.asarray(Masking(0.5).apply(clean, lane.draw())) == 0
    hit = np.asarray(SaltAndPepper(0.5).apply(clean, lane.draw()) != clean)
    assert (lost.any(-3) == lost.all(-3)).all()
    assert (hit.any(-3) != hit.all(-3)).any()
