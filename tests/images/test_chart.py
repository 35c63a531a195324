import numpy as np
import pytest

from degrain.images.chart import BOTTOM, LEFT, LINE, RIGHT, TOP, chart


def line_pixels(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.nonzero((samples == LINE).all(axis=2))


def test_a_falling_curve_falls_from_edge_to_edge() -> None:
    steps = np.arange(1000)
    rows, columns = line_pixels(chart("loss", steps, 1 / (steps + 100), shown=0.98, width=600, height=200).samples)
    assert abs(columns.min() - LEFT) <= 4
    assert abs(columns.max() - (600 - RIGHT)) <= 4
    heights = [rows[columns == column].mean() for column in range(LEFT + 5, 600 - RIGHT - 5)]
    assert np.all(np.diff(heights) >= -1)
    assert rows.min() >= TOP - 2


def test_a_single_value_lies_at_its_step_half_way_up() -> None:
    rows, columns = line_pixels(chart("psnr", [250], [31.8], last=1000, width=600, height=200).samples)
    assert abs(columns.mean() - (LEFT + (600 - RIGHT - LEFT) / 4)) < 1
    assert abs(rows.mean() - (TOP + 200 - BOTTOM) / 2) < 1


def test_noise_is_averaged_and_a_first_spike_does_not_flatten_the_rest() -> None:
    values = 1 + 0.001 * np.random.default_rng(0).standard_normal(5000)
    values[0] = 1e6
    rows, _ = line_pixels(chart("loss", np.arange(5000), values, shown=0.98).samples)
    assert np.ptp(rows) > 100


@pytest.mark.parametrize("values", [[], [3.0], [2.0, 2.0], [np.nan, np.inf], [-1e-9, -2e-9], [1e12, 2e12]])
def test_any_values_give_a_picture(values: list[float]) -> None:
    picture = chart("loss", range(len(values)), values, width=300, height=100)
    assert picture.samples.shape == (100, 300, 3)
    finite = np.isfinite(values).any()
    assert (len(line_pixels(picture.samples)[0]) > 0) == finite
