"""Weights of VGG-16 as a file, untrained: features of noise are features too."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from degrain.objectives.vgg import Vgg16


@pytest.fixture(scope="session")
def vgg_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All weights up to relu2_2, seeded."""
    path = tmp_path_factory.mktemp("vgg") / "vgg16.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_file(Vgg16(["relu2_2"]).state_dict(), path)
    return path
