"""Every objective of the table reads what it says and teaches a network."""

import pytest
import torch
import torch.nn.functional as F
from hydra import compose, initialize_config_module
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.objectives.batch import Batch, Objective
from degrain.objectives.losses import WeightedSum
from degrain.objectives.table import OBJECTIVES, build


class Reading(dict):
    """A batch that notes which of its keys are read."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Tensor:
        self.read.add(key)
        return super().__getitem__(key)


class Tiny(nn.Module):
    """One convolution, told the level."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(4, 3, 5, padding=2)

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        mended: Tensor = noisy + self.conv(torch.cat([noisy, level], 1))
        return mended


def pictures(step: int) -> Batch:
    """All keys: smooth colours, two shots of sigma 50."""
    generator = torch.Generator().manual_seed(step)
    coarse = torch.rand(8, 3, 5, 5, generator=generator)
    clean = F.interpolate(coarse, (32, 32), mode="bicubic", align_corners=False)
    level = torch.full((8, 1, 32, 32), 50 / 255)
    noisy, second = (clean + level * torch.randn(clean.shape, generator=generator) for _ in range(2))
    return {"noisy": noisy, "clean": clean, "level": level, "second": second}


@pytest.fixture(params=sorted(OBJECTIVES))
def objective(request: pytest.FixtureRequest) -> Objective:
    return build(request.param, WeightedSum.parse("mse"), {})


def test_it_reads_the_keys_that_it_needs_and_no_others(objective: Objective) -> None:
    batch = Reading({key: value for key, value in pictures(0).items() if key in objective.needs})
    objective(Tiny(), batch)
    assert batch.read == objective.needs


def test_a_network_learns_to_denoise_by_it(objective: Objective) -> None:
    net = Tiny()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(150):
        optimizer.zero_grad()
        torch.stack(list(objective(net, pictures(step)).values())).sum().backward()
        optimizer.step()
    unseen = pictures(-1)
    with torch.no_grad():
        error = F.mse_loss(net(unseen["noisy"], unseen["level"]), unseen["clean"])
    assert error < 0.3 * F.mse_loss(unseen["noisy"], unseen["clean"])


def test_a_formula_comes_back_term_by_term(objective: Objective) -> None:
    formula = WeightedSum.parse("0.5 l1 + 0.1 ssim")
    assert list(type(objective)(loss=formula)(Tiny(), pictures(0))) == ["l1", "ssim"]


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_its_recipe_builds_it(name: str) -> None:
    with initialize_config_module("degrain.conf", version_base="1.3"):
        config = dict(compose("train", [f"objective={name}"]).objective)
    assert config.pop("name") == name
    build(name, WeightedSum.parse(config.pop("loss")), config)


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_a_setting_that_it_does_not_take_is_named(name: str) -> None:
    with pytest.raises(TrainingError, match="speed"):
        build(name, WeightedSum.parse("l1"), {"speed": 3})


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TrainingError, match="noise3noise") as caught:
        build("noise3noise", WeightedSum.parse("l1"), {})
    assert "noise2noise" in caught.value.hint
