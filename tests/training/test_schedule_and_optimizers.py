import pytest
import torch
from torch import nn

from degrain.training.optimizers import OPTIMIZERS, optimizer_named, orthogonalised
from degrain.training.schedule import WarmupStableDecay


def test_schedule_rises_stays_and_falls_to_zero() -> None:
    factor = WarmupStableDecay(steps=1000, warmup=100, decay=0.25)
    assert factor(0) == pytest.approx(0.01)
    assert factor(99) == factor(500) == factor(750) == 1.0
    assert factor(875) == pytest.approx(0.5)
    assert factor(1000) == 0.0


@pytest.mark.parametrize("shape", [(24, 216), (216, 24), (16, 16)])
def test_orthogonalised_keeps_directions_and_evens_out_their_lengths(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(shape)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    update = orthogonalised(matrix)
    inside = left.mT @ update @ right.mT  # diagonal when the singular vectors are kept
    values = inside.diagonal()
    assert (inside - values.diag()).abs().max() < 1e-3
    assert values.min() > 0.5
    assert values.max() < 1.5


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_solves_a_small_regression(name: str) -> None:
    torch.manual_seed(0)
    target, conv = nn.Conv2d(4, 8, 3, bias=False), nn.Conv2d(4, 8, 3, bias=False)
    optimizer = optimizer_named(name, conv.parameters(), lr=0.01)
    x = torch.randn(8, 4, 8, 8)
    goal = target(x).detach()
    first = (conv(x) - goal).square().mean().item()
    for _ in range(200):
        optimizer.zero_grad()
        (conv(x) - goal).square().mean().backward()
        optimizer.step()
    assert (conv(x) - goal).square().mean().item() < first / 20
