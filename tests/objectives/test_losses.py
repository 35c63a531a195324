"""Formulas, and what every distance must do."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from degrain.errors import TrainingError
from degrain.objectives.losses import DISTANCES, WeightedSum

FLOOR = {"charbonnier": 1e-3, "log_mse": -16.118}  # value at equality; sqrt(1e-6), log(1e-7)


@pytest.fixture(params=sorted(DISTANCES))
def loss(request: pytest.FixtureRequest, vgg_file: Path) -> WeightedSum:
    settings = {"perceptual": {"weights": str(vgg_file), "layers": ["relu1_2", "relu2_2"]}}
    return WeightedSum.parse(request.param, settings)


def pictures(channels: int = 3, side: int = 24) -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    clean = torch.rand(2, channels, side, side)
    return (clean + 0.1 * torch.randn_like(clean)).requires_grad_(), clean.requires_grad_()


def total(loss: WeightedSum, candidate: Tensor, target: Tensor) -> Tensor:
    return torch.stack(list(loss(candidate, target).values())).sum()


@pytest.mark.parametrize("channels", [1, 3])
def test_every_distance_is_least_at_equality(loss: WeightedSum, channels: int) -> None:
    candidate, clean = pictures(channels)
    (name,) = loss.weights
    with torch.no_grad():
        least, far = float(total(loss, clean, clean)), float(total(loss, candidate, clean))
        near = float(total(loss, 0.9 * clean + 0.1 * candidate, clean))
    assert least == pytest.approx(FLOOR.get(name, 0.0), abs=1e-3)
    assert least < near < far


def test_every_distance_pulls_the_candidate_to_its_target(loss: WeightedSum) -> None:
    candidate, clean = pictures()
    before = total(loss, candidate, clean)
    before.backward()
    assert torch.isfinite(candidate.grad).all()
    with torch.no_grad():
        stepped = candidate - 0.01 * candidate.grad / candidate.grad.norm()
        assert total(loss, stepped, clean) < before


def test_every_distance_has_a_finite_slope_where_the_pictures_have_nothing_in_common(loss: WeightedSum) -> None:
    _, clean = pictures()
    candidate = (1 - clean).detach().requires_grad_()
    total(loss, candidate, clean).backward()
    assert torch.isfinite(candidate.grad).all()


def test_a_formula_is_the_weighted_sum_of_its_terms() -> None:
    candidate, clean = (picture.detach() for picture in pictures())
    terms = WeightedSum.parse("0.8 mse + 0.2 ssim + l1")(candidate, clean)
    alone = {name: float(total(WeightedSum.parse(name), candidate, clean)) for name in terms}
    assert {name: float(value) for name, value in terms.items()} == pytest.approx(
        {"mse": 0.8 * alone["mse"], "ssim": 0.2 * alone["ssim"], "l1": alone["l1"]}
    )


@pytest.mark.parametrize(
    "formula", ["", "l7", "l1 +", "l1 + l1", "0 l1", "-1 l1", "nan l1", "inf l1", "l1 0.5", "2 3 l1"]
)
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(TrainingError):
        WeightedSum.parse(formula)


def test_settings_are_read_by_the_losses_of_the_formula_alone() -> None:
    WeightedSum.parse("l1", {"perceptual": {"weights": "/nowhere"}})
    with pytest.raises(TrainingError, match="nowhere"):
        WeightedSum.parse("l1 + 0.1 perceptual", {"perceptual": {"weights": "/nowhere"}})
    with pytest.raises(TrainingError, match="depth"):
        WeightedSum.parse("charbonnier", {"charbonnier": {"depth": 3}})
