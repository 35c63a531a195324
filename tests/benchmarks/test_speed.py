"""What the benchmark of speed counts, against counts by hand; and that its profile finds every part of the work."""

from pathlib import Path

import pytest

pytest.importorskip("torch")


@pytest.fixture
def speed(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    import speed

    return speed


@pytest.mark.parametrize(
    ("network", "settings", "by_hand"),
    [
        ("dncnn", {"depth": 3, "width": 8}, 9 * (8 + 8 * 8 + 8)),
        ("ffdnet", {"channels": 3, "depth": 3, "width": 12}, 9 * (13 * 12 + 12 * 12 + 12 * 12) / 4),
        (
            "bias_free_unet",
            {"widths": [4, 8], "blocks": [1, 1]},
            36 * 5 * 4 / 4  # stem
            + 9 * (4 * 4 * 4 / 4 + 2 * 8 * 8 / 16 + 4 * 16 / 4)  # blocks: two at half, one at a quarter; tail
            + 4 * 4 * 8 * 2 / 16,  # down and up
        ),
    ],
)
def test_multiplications_are_those_counted_by_hand(speed, network, settings, by_hand):
    assert (
        speed.macs(speed.fresh(network, settings)) == speed.macs(speed.fresh(network, settings, half=True)) == by_hand
    )


def test_every_part_of_a_command_is_found_in_its_profile(speed, model_file, save_noisy, tmp_path):
    arguments = ["denoise", save_noisy(tmp_path / "in.jpg"), "-o", tmp_path / "out.jpg", "-m", model_file]
    total, parts = speed.profiled(arguments, tmp_path / "profile")
    assert min(parts.values()) > 0
    assert sum(parts.values()) < total
