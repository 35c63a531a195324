import numpy as np
import pytest

from degrain.images.chart import LEFT, RIGHT, TOP, chart


def line_pixels(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those that are more blue than red; the grid and the letters are gray."""
    return np.nonzero(samples[..., 2] - samples[..., 0].astype(int) > 60)


def test_a_falling_curve_falls_from_edge_to_edge() -> None:
    steps = np.arange(1000)
    rows, columns = line_pixels(chart("loss", steps, 1 / (steps + 100), shown=0.98, width=600, height=200).samples)
    assert abs(columns.min() - LEFT) <= 4
    assert abs(columns.max() - (600 - RIGHT)) <= 4
    heights = [rows[columns == column].mean() for column in range(LEFT + 5, 600 - RIGHT - 5)]
    assert np.all(np.diff(heights) >= -1)
    assert rows.min() >= TOP - 2


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


def test_two_curves_may_share_an_axis() -> None:
    late = chart("PSNR", [50, 100], [1.0, 2.0], span=(0, 100), width=600)
    _, columns = line_pixels(late.samples)
    assert abs(columns.min() - (LEFT + 600 - RIGHT) / 2) <= 4
    assert abs(columns.max() - (600 - RIGHT)) <= 4


@pytest.mark.parametrize("values", [[17.2711, 17.2712], [17.2711]])
def test_what_is_all_but_level_looks_level(values: list[float]) -> None:
    rows, _ = line_pixels(chart("PSNR", range(len(values)), values, height=220).samples)
    assert np.ptp(rows) < 20
    assert abs(rows.mean() - 110) < 20
