from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from degrain.images.ticks import round_step


@given(st.floats(1e-9, 1e12))
def test_a_step_is_round_and_the_next_one_up(rough):
    step = round_step(rough)
    assert rough <= step * (1 + 1e-12)
    assert step < 2.5 * rough * (1 + 1e-12)
    assert min(abs(log10(step / digit) - round(log10(step / digit))) for digit in (1, 2, 5)) < 1e-9


@pytest.mark.parametrize("power", range(-9, 12))
def test_powers_of_ten_are_their_own_step(power):
    assert round_step(float(f"1e{power}")) == pytest.approx(float(f"1e{power}"), rel=1e-12)
