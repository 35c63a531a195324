"""From a batch in training to a picture of it: copied off the device first, drawn later, wherever that may be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import imagecodecs
import torch
from torch import Tensor

from degrain.images.chart import chart
from degrain.images.panel import panel, stacked
from degrain.images.picture import Picture
from degrain.objectives.batch import Batch
from degrain.training.module import DenoisingModule
from degrain.training.samples import as_picture


@dataclass(frozen=True)
class Shot:
    """What one frame shows, on its way to the CPU."""

    step: int
    columns: dict[str, Tensor]  # caption -> (C, H, W)
    loss: Tensor  # scalar
    arrived: Callable[[], object]  # waits until the tensors may be read

    @classmethod
    def of(cls, module: DenoisingModule, batch: Batch, step: int, losses: Sequence[Tensor]) -> "Shot":
        """The first picture of the batch, before and after the network; returns before the copies are done.

        Args:
            module: asked for its answer; not changed.
            batch: what the step was trained on.
            step: how many steps are done.
            losses: scalars since the shot before; their mean is shown.
        """
        noisy, level = batch["noisy"][:1].detach(), batch["level"][:1].detach()
        pictures = {"clean": batch["clean"][:1]} if "clean" in batch else {}
        pictures |= {"noisy": noisy, "denoised": module.denoise(noisy, level)}
        columns = {caption: _copied(picture[0]) for caption, picture in pictures.items()}
        return cls(step, columns, _copied(torch.stack(list(losses)).mean()), _arrival(noisy.device))


@dataclass
class Frames:
    """Draws shots one after the other, and remembers their losses for the curve."""

    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    def draw(self, shot: Shot) -> bytes:
        """The frame of a shot, as PNG."""
        shot.arrived()
        self.steps.append(shot.step)
        self.losses.append(float(shot.loss))
        row = panel([(caption, as_picture(pixels)) for caption, pixels in shot.columns.items()])
        curve = chart(
            f"loss {self.losses[-1]:.4g}, step {shot.step}", self.steps, self.losses, shown=0.98, width=row.width
        )
        return _png(stacked([row, curve]))


def _png(picture: Picture) -> bytes:
    """Encoded in haste: enlarged pixels repeat from row to row, which the filter UP turns into zeros."""
    return bytes(imagecodecs.png_encode(picture.samples, level=1, filter=imagecodecs.PNG.FILTER.UP))


def _copied(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True, non_blocking=True)


def _arrival(device: torch.device) -> Callable[[], object]:
    """Call it to wait for the copies from this device."""
    if device.type == "cpu":
        return lambda: None
    event = torch.Event(device)
    event.record()
    return event.synchronize
