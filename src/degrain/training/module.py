"""One training step: the objective is handed the network and the batch. No method is known here."""

from collections.abc import Callable, Mapping
from typing import Any

import lightning as L
import torch
from lightning.pytorch.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from degrain.models.base import ByPlanes, DenoisingNet
from degrain.objectives.batch import Batch, Objective


class DenoisingModule(L.LightningModule):
    """A network under an objective.

    Args:
        net: the network.
        objective: ``objective(network, batch)`` -> terms whose sum is the loss.
        make_optimizer: given the parameters, the optimiser.
        schedule: step -> factor on the learning rate.
        recipe: what a checkpoint must say to build the network again (see ``export.checkpoint.Recipe``).
    """

    def __init__(
        self,
        net: DenoisingNet,
        objective: Objective,
        make_optimizer: Callable[[list[nn.Parameter]], Optimizer],
        schedule: Callable[[int], float],
        recipe: Mapping[str, Any],
    ) -> None:
        super().__init__()
        self.by_planes = ByPlanes(net)
        self.by_planes.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # not in torch's stubs
        self.objective, self.make_optimizer, self.schedule, self.recipe = objective, make_optimizer, schedule, recipe

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """The loss of one batch."""
        terms = self.objective(self.by_planes, batch)
        loss = torch.stack(list(terms.values())).sum()
        self.log("loss", loss, sync_dist=True)  # over all devices: of the whole batch of this step
        if len(terms) > 1:
            self.log_dict({f"loss_{name}": value for name, value in terms.items()}, sync_dist=True)
        return loss

    def validation_step(self, batch: Batch, index: int) -> None:
        """PSNR of one frozen batch; the objective's own loss where there is no clean picture to compare with.

        Against noisy targets that loss can only be watched: nothing is stopped or chosen by it.
        """
        kind = "gray" if batch["noisy"].shape[1] == 1 else "rgb"
        with torch.autocast(self.device.type, enabled=False):  # in the precision that the exported model runs in
            if "clean" not in batch:
                terms = self.objective(self.by_planes, batch)
                self.log(f"valid_loss_{kind}", torch.stack(list(terms.values())).sum())
                return
            name = "_".join(["psnr", kind, *([batch["noise"]] if "noise" in batch else [])])
            wants_level = self.by_planes.net.wants_level
            if wants_level:
                self.log(f"{name}_blind", self._psnr(batch, torch.zeros_like(batch["level"])))
            if batch["level"].any() or not wants_level:
                self.log(name, self._psnr(batch, batch["level"]))

    def _psnr(self, batch: Batch, level: Tensor) -> Tensor:
        """Mean over the pictures, output clipped."""
        error = self.by_planes(batch["noisy"], level).clamp(0, 1) - batch["clean"]
        return -10 * torch.log10((error.float() ** 2).mean((1, 2, 3))).mean()

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """The optimiser, its rate following the schedule step by step."""
        optimizer = self.make_optimizer(list(self.by_planes.parameters()))
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": LambdaLR(optimizer, self.schedule), "interval": "step"},
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The optimiser's state comes from the checkpoint, settings and schedule from the configuration of today."""
        groups = self.make_optimizer(list(self.by_planes.parameters())).param_groups
        settings = [{key: value for key, value in group.items() if key != "params"} for group in groups]
        factor = self.schedule(checkpoint["global_step"])
        for saved in checkpoint["optimizer_states"]:
            for group, wanted in zip(saved["param_groups"], settings, strict=True):
                group.update(wanted, initial_lr=wanted["lr"], lr=wanted["lr"] * factor)
        for saved in checkpoint["lr_schedulers"]:
            saved["base_lrs"] = [wanted["lr"] for wanted in settings]
            saved["lr_lambdas"] = [None] * len(settings)  # LambdaLR would bring back the schedule of then
        loops = checkpoint["loops"]["fit_loop"]  # as saved at the end of a step: Lightning counts on from there
        loops["epoch_loop.state_dict"]["_batches_that_stepped"] = checkpoint["global_step"] - 1
        for count in (loops["epoch_loop.batch_progress"][which] for which in ("total", "current")):
            count["completed"] = count["processed"] - 1

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """A checkpoint says which network it holds."""
        checkpoint["recipe"] = dict(self.recipe)

    def on_validation_epoch_end(self) -> None:
        """One figure for all held-out batches, which ``best.ckpt`` goes by. Without clean pictures there is none."""
        each = [value for name, value in self.trainer.callback_metrics.items() if name.startswith("psnr_")]
        if each:
            self.log("psnr", torch.stack(each).mean())

    @torch.no_grad()
    def denoise(self, noisy: Tensor, level: Tensor) -> Tensor:
        """What the network makes of (N, C, H, W) pictures as it stands, dropout off. Training goes on undisturbed."""
        modes = {part: part.training for part in self.by_planes.modules()}
        self.by_planes.eval()
        try:
            with torch.compiler.set_stance("force_eager"):  # not worth compiling another variant
                clean: Tensor = self.by_planes(noisy, level)
        finally:
            for part, mode in modes.items():
                part.training = mode
        return clean
