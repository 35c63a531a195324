"""What every network offers, and the adapter that lets a picture of any channel count enter its planes."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.spec import InputRule


class DenoisingNet(nn.Module, ABC):
    """A network over tensors of ``width`` planes; ``planes`` says which of them a picture takes (see ModelSpec).

    Args:
        planes: number of picture channels -> the planes they take.
        wants_level: whether it reads the noise level.
    """

    def __init__(self, planes: Mapping[int, tuple[int, ...]], wants_level: bool) -> None:
        super().__init__()
        self.planes, self.wants_level = dict(planes), wants_level
        self.width = 1 + max(slot for slots in planes.values() for slot in slots)

    @property
    @abstractmethod
    def rule(self) -> InputRule:
        """The sizes it takes."""

    @property
    @abstractmethod
    def halo(self) -> int:
        """Context in pixels; beyond it a pixel cannot change the output.

        Where ``rule.blend`` or a resizing says that a network looks at all of its tile: what a tile gives up at a seam.
        """

    @abstractmethod
    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """(N, width, H, W) noisy and (N, 1, H, W) sigma per pixel, zeros = blind -> (N, width, H, W) clean.

        A network that wants no level leaves it unread.
        """

    def begin_from(self, other: "DenoisingNet") -> None:
        """Take over what another network has learnt. Raises TrainingError where its layers are other ones."""
        try:
            self.load_state_dict(other.state_dict())
        except RuntimeError as error:
            raise TrainingError("a network can begin only from one of the same layers and widths") from error

    def folded(self) -> Self:
        """The network as it runs: training-time branches merged. Itself when there are none."""
        return self

    def unfold(self, weights: Mapping[str, Tensor]) -> None:
        """Take over the weights of a ``folded`` network of this kind, so that this one computes the same.

        Raises RuntimeError where they do not fit.
        """
        self.load_state_dict(weights)

    def rounded(self) -> Self:
        """A copy with weights that 16 bit hold, but for those that have to be more exact."""
        return copy.deepcopy(self).half().float()


def own_planes(channels: int) -> dict[int, tuple[int, ...]]:
    """The planes of a network made for pictures of one channel count."""
    return {channels: tuple(range(channels))}


class ByPlanes(nn.Module):
    """A network seen from a picture: (N, C, H, W) goes to its planes, the same planes come back."""

    def __init__(self, net: DenoisingNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        """(N, C, H, W), C one of ``net.planes``, and (N, 1, H, W) -> (N, C, H, W)."""
        slots = list(self.net.planes[noisy.shape[1]])
        tensor = noisy.new_zeros(noisy.shape[0], self.net.width, *noisy.shape[2:])
        tensor[:, slots] = noisy
        clean: Tensor = self.net(tensor.contiguous(memory_format=torch.channels_last), level)
        return clean[:, slots]
