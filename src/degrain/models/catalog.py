"""Networks by name, as strings: listing them costs no torch."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from degrain import lazy
from degrain.errors import TrainingError, building

if TYPE_CHECKING:
    from degrain.models.base import DenoisingNet

NETWORKS = {
    "attention_resunet": "degrain.models.attention_resunet:AttentionResUNet",
    "bias_free_unet": "degrain.models.bias_free_unet:BiasFreeUNet",
    "conv_autoencoder": "degrain.models.conv_autoencoder:ConvAutoencoder",
    "dncnn": "degrain.models.dncnn:DnCNN",
    "ffdnet": "degrain.models.ffdnet:FFDNet",
    "unet": "degrain.models.unet:UNet",
    "vit": "degrain.models.vit:ViTAutoencoder",
    "xray_autoencoder": "degrain.models.xray_autoencoder:XrayAutoencoder",
}


def build(name: str, settings: Mapping[str, Any]) -> "DenoisingNet":
    """The network of that name, freshly initialised.

    Raises:
        TrainingError: unknown name, or a setting that the network does not take.
        MissingExtra: torch is not installed.
    """
    if name not in NETWORKS:
        raise TrainingError(f"unknown network {name!r}", hint=f"known: {', '.join(sorted(NETWORKS))}")
    with building(f"network {name!r}"):
        net: DenoisingNet = lazy.load(NETWORKS[name], extra="train")(**settings)
        if net.halo < 0:
            raise ValueError(f"it would look {net.halo} pixels far")
    return net
