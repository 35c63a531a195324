"""The arithmetic that ``trainer.precision: auto`` stands for."""

import torch


def resolved(precision: str, accelerator: str) -> str:
    """``bf16-mixed`` for ``auto`` where the device computes in bfloat16 by itself, else ``32-true``.

    Args:
        precision: anything but ``auto`` stays as it is.
        accelerator: as for Lightning's trainer.
    """
    if precision != "auto":
        return precision
    if accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    elif accelerator in ("auto", "gpu", "mps") and torch.backends.mps.is_available():
        native = False
    else:
        native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bf16-mixed" if native else "32-true"
