"""The curve of IEC 61966-2-1, there and back."""

import numpy as np
import pytest
import torch

from degrain.images.tone import to_coded, to_light

CODED = np.linspace(-0.5, 1.5, 401)


def test_it_is_the_standards_curve_and_goes_on_below_black():
    line, curve = CODED / 12.92, ((CODED.clip(0) + 0.055) / 1.055) ** 2.4
    assert to_light(CODED) == pytest.approx(np.where(CODED > 0.04045, curve, line), abs=1e-7)


def test_there_and_back():
    assert to_coded(to_light(CODED)) == pytest.approx(CODED, abs=1e-7)


def test_torch_gets_the_same():
    for curve in (to_light, to_coded):
        assert curve(torch.from_numpy(CODED)).numpy() == pytest.approx(curve(CODED), abs=1e-12)
