"""A checkpoint as a Denoiser: what ``open_denoiser("last.ckpt")`` gives, before anything is exported."""

from pathlib import Path

import torch

from degrain.export.checkpoint import load_network
from degrain.export.onnx import spec_of
from degrain.images.scale import Unit
from degrain.models.base import ByPlanes
from degrain.spec import ModelSpec


class TorchDenoiser:
    """Runs a checkpoint's averaged network with torch on the CPU.

    Args:
        path: a checkpoint that training wrote.
        threads: how many cores to use; torch's own choice when not given.

    Raises:
        TrainingError: the file is damaged, or not one of ours.
    """

    def __init__(self, path: str | Path, threads: int | None = None) -> None:
        net, recipe = load_network(Path(path))
        self.net = ByPlanes(net.folded())
        self.spec: ModelSpec = spec_of(net, recipe)
        self.threads = threads or torch.get_num_threads()

    @torch.inference_mode()
    def __call__(self, tiles: Unit, level: Unit) -> Unit:
        """As ``Denoiser`` says. Raises MemoryError when a tile does not fit."""
        before = torch.get_num_threads()  # one number for the whole process: leave it as it was
        torch.set_num_threads(self.threads)
        try:
            clean: Unit = self.net(torch.from_numpy(tiles), torch.from_numpy(level)).numpy()
        except RuntimeError as error:  # torch has no error of its own for this
            if "allocate memory" in str(error):
                raise MemoryError(f"{self.spec.name} on {tiles.shape}") from error
            raise
        finally:
            torch.set_num_threads(before)
        return clean
