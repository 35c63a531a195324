"""Noise2Noise's physics: what a network learns from noisy targets, and when it is not the clean picture."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from degrain.objectives.batch import Batch, Objective
from degrain.objectives.losses import WeightedSum
from degrain.objectives.noise2noise import Noise2Noise
from degrain.objectives.supervised import Supervised

SIGMA = 0.2
LEVEL = torch.zeros(1)  # nobody here reads it


class Filter(nn.Module):
    """A linear denoiser: one 3x3 kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.zeros(1, 1, 3, 3, dtype=torch.float64))

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        return F.conv2d(noisy, self.kernel)


class Cropped:
    """A loss over the places where the kernel lies inside the picture."""

    def __init__(self, formula: str) -> None:
        self.loss = WeightedSum.parse(formula)

    def __call__(self, candidate: Tensor, target: Tensor) -> dict[str, Tensor]:
        return self.loss(candidate, target[..., 1:-1, 1:-1])


class Constant(nn.Module):
    """The same answer everywhere: what a network says of places that look alike."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = nn.Parameter(torch.tensor(0.5, dtype=torch.float64))

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        return self.answer.expand_as(noisy)


def solved(net: nn.Module, objective: Objective, batch: Batch) -> Tensor:
    """The parameter at the minimum of the objective over the batch."""
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=100, tolerance_grad=1e-12, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = torch.stack(list(objective(net, batch).values())).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    (parameter,) = net.parameters()
    return parameter.detach()


def test_noisy_targets_lead_to_the_supervised_solution_within_sampling_error() -> None:
    """The two solutions of a linear regression differ by (A'A)^-1 A'n with n the noise of the targets.

    So (w - w')' A'A (w - w') / sigma^2 is chi-square with nine degrees of freedom.
    """
    torch.manual_seed(0)
    clean = F.interpolate(torch.rand(4, 1, 9, 9, dtype=torch.float64), (40, 40), mode="bicubic", align_corners=False)
    noisy, second = (clean + SIGMA * torch.randn_like(clean) for _ in range(2))
    batch: Batch = {"noisy": noisy, "second": second, "clean": clean, "level": LEVEL}
    supervised, unsupervised = (solved(Filter(), kind(Cropped("mse")), batch) for kind in (Supervised, Noise2Noise))
    rows = F.unfold(noisy, 3).transpose(1, 2).reshape(-1, 9)
    apart = rows @ (supervised - unsupervised).flatten()
    assert 1.0 < float(apart.square().sum()) / SIGMA**2 < 30.0  # 99.9 % of chi-square(9) lies between
    mended = [F.conv2d(noisy, kernel) - clean[..., 1:-1, 1:-1] for kernel in (supervised, unsupervised)]
    errors = [float(error.square().mean()) for error in mended]
    assert errors[1] < 1.02 * errors[0]
    assert errors[0] < SIGMA**2 / 4  # and it is a denoiser


def dark_target(clipped: bool, skewed: bool = False) -> tuple[float, float, Tensor]:
    """(clean value, standard error of the mean, noisy targets) at a dark place."""
    torch.manual_seed(0)
    value, count = 0.05, 200_000
    noise = torch.randn(1, 1, 1, count, dtype=torch.float64)
    noise = noise.abs() - math.sqrt(2 / math.pi) if skewed else noise
    target = value + SIGMA * noise
    return value, SIGMA / math.sqrt(count), target.clamp(0, 1) if clipped else target


def learned(formula: str, target: Tensor) -> float:
    batch: Batch = {"noisy": target, "second": target, "level": LEVEL}
    return float(solved(Constant(), Noise2Noise(WeightedSum.parse(formula)), batch))


def test_targets_that_are_not_clipped_teach_the_clean_value() -> None:
    value, error, target = dark_target(clipped=False)
    assert abs(learned("mse", target) - value) < 4 * error


def test_clipped_targets_teach_a_value_too_bright_by_what_the_rectified_normal_says() -> None:
    """E max(x + n, 0) = x Phi(x / sigma) + sigma phi(x / sigma): 0.107 instead of 0.05."""
    value, error, target = dark_target(clipped=True)
    ratio = value / SIGMA
    phi = math.exp(-(ratio**2) / 2) / math.sqrt(2 * math.pi)
    expected = value * (1 + math.erf(ratio / math.sqrt(2))) / 2 + SIGMA * phi
    answer = learned("mse", target)
    assert abs(answer - expected) < 4 * error
    assert answer - value > 100 * error


def test_l1_learns_the_median_which_skewed_noise_moves() -> None:
    """Half-normal noise of mean zero: its median lies 0.123 sigma below."""
    value, error, target = dark_target(clipped=False, skewed=True)
    assert abs(learned("mse", target) - value) < 4 * error
    median = value + SIGMA * (0.67449 - math.sqrt(2 / math.pi))
    assert abs(learned("l1", target) - median) < 8 * error
    assert value - median > 50 * error


def test_a_structural_loss_towards_noisy_targets_does_not_lead_to_the_clean_picture() -> None:
    """Scaled contrast: mse towards noisy targets is least at the clean picture, SSIM beyond it."""
    torch.manual_seed(0)
    clean = F.interpolate(torch.rand(2, 1, 9, 9), (64, 64), mode="bicubic", align_corners=False)
    second = clean + SIGMA * torch.randn_like(clean)
    middle = clean.mean()
    gains = torch.linspace(0.8, 2.0, 25)

    def best(formula: str) -> float:
        loss = WeightedSum.parse(formula)
        values = [float(loss(middle + gain * (clean - middle), second)[formula]) for gain in gains]
        return float(gains[values.index(min(values))])

    assert best("mse") == 1.0
    assert best("ssim") > 1.1
