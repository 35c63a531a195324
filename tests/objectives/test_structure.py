"""SSIM and MS-SSIM as losses, against the metric of this package and against torchmetrics."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from degrain.errors import TrainingError
from degrain.metrics.structure import ssim
from degrain.objectives.structure import MSSSIM, SCALES, SSIM

KINDS = {"noise": 0.1, "much noise": 0.6, "hardly any": 1e-3}


def pair(deviation: float, height: int = 40, width: int = 53, channels: int = 3) -> tuple[Tensor, Tensor]:
    """A candidate and its clean picture: smooth colours with noise on them."""
    torch.manual_seed(0)
    clean = F.interpolate(torch.rand(2, channels, 6, 6), (height, width), mode="bicubic", align_corners=False)
    return clean + deviation * torch.randn_like(clean), clean


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_ssim_is_the_metric(kind: str, channels: int) -> None:
    candidate, clean = pair(KINDS[kind], channels=channels)
    metric = [ssim(target.numpy(), seen.numpy()) for seen, target in zip(candidate, clean, strict=True)]
    assert 1 - float(SSIM()(candidate, clean)) == pytest.approx(np.mean(metric), abs=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_ssim_is_that_of_torchmetrics_inside_the_border(kind: str) -> None:
    image = pytest.importorskip("torchmetrics.functional.image")
    candidate, clean = pair(KINDS[kind])
    _, full = image.structural_similarity_index_measure(candidate, clean, data_range=1.0, return_full_image=True)
    assert 1 - float(SSIM()(candidate, clean)) == pytest.approx(float(full[..., 5:-5, 5:-5].mean()), abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_ms_ssim_is_made_of_torchmetrics_parts(kind: str) -> None:
    """Its own MS-SSIM counts mirrored pixels at the coarsest scale, so that one is near but not equal."""
    image = pytest.importorskip("torchmetrics.functional.image")
    candidate, clean = x, y = pair(KINDS[kind], 180, 200)
    expected = torch.ones(len(x))
    for scale, weight in enumerate(SCALES):
        if scale < len(SCALES) - 1:
            _, seen = image.structural_similarity_index_measure(
                x, y, data_range=1.0, reduction="none", return_contrast_sensitivity=True
            )
        else:
            _, full = image.structural_similarity_index_measure(x, y, data_range=1.0, return_full_image=True)
            seen = full[..., 5:-5, 5:-5].mean((1, 2, 3))
        expected = expected * seen.clamp(min=0) ** weight
        x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
    ours = 1 - float(MSSSIM()(candidate, clean))
    assert ours == pytest.approx(float(expected.mean()), abs=1e-5)
    theirs = image.multiscale_structural_similarity_index_measure(candidate, clean, data_range=1.0, normalize="relu")
    assert ours == pytest.approx(float(theirs), abs=5e-3)


def test_ms_ssim_takes_the_scales_that_fit() -> None:
    """One scale is left at 21 pixels: then it is SSIM. Blur is seen at each size of crop."""
    candidate, clean = pair(0.1, 21, 21)
    assert float(MSSSIM()(candidate, clean)) == pytest.approx(float(SSIM()(candidate, clean)), abs=1e-6)
    losses = [float(MSSSIM()(*pair(0.1, side, side))) for side in (22, 44, 96, 176)]
    assert all(0.005 < loss < 0.5 for loss in losses)


@pytest.mark.parametrize("loss", [SSIM(), MSSSIM()])
def test_a_crop_smaller_than_the_window_is_refused(loss: SSIM | MSSSIM) -> None:
    with pytest.raises(TrainingError, match="10x40") as caught:
        loss(*pair(0.1, 10, 40))
    assert "data.side" in caught.value.hint


@pytest.mark.parametrize("loss", [SSIM(), MSSSIM()])
def test_half_precision_around_it_changes_nothing(loss: SSIM | MSSSIM) -> None:
    candidate, clean = pair(0.1)
    with torch.autocast("cpu", torch.bfloat16):
        inside = loss(candidate, clean)
    assert inside.dtype == torch.float32
    assert float(inside) == float(loss(candidate, clean))
