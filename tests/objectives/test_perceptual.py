"""VGG-16 by the published layout, and the loss over its features."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from degrain.errors import StorageError, TrainingError
from degrain.objectives import vgg
from degrain.objectives.perceptual import Perceptual
from degrain.objectives.vgg import LAYERS, SHA256, URL, Vgg16

CONVOLUTIONS = {  # index in ``features`` -> (out, in), as torchvision's vgg16 has them
    0: (64, 3),
    2: (64, 64),
    5: (128, 64),
    7: (128, 128),
    10: (256, 128),
    12: (256, 256),
    14: (256, 256),
    17: (512, 256),
    19: (512, 512),
    21: (512, 512),
    24: (512, 512),
    26: (512, 512),
    28: (512, 512),
}
SMALL = ("relu1_2", "relu2_2")


def test_names_and_shapes_are_those_of_the_published_weights() -> None:
    with torch.device("meta"):
        state = Vgg16(["relu5_3"]).state_dict()
    wanted = {f"features.{place}.weight": (*shape, 3, 3) for place, shape in CONVOLUTIONS.items()}
    wanted |= {f"features.{place}.bias": shape[:1] for place, shape in CONVOLUTIONS.items()}
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == wanted


def test_layers_are_the_rectifiers_behind_the_convolutions() -> None:
    assert list(LAYERS.values()) == [place + 1 for place in CONVOLUTIONS]
    assert (LAYERS["relu1_2"], LAYERS["relu2_2"], LAYERS["relu3_3"], LAYERS["relu4_3"]) == (3, 8, 15, 22)


def test_features_are_those_of_the_plain_network(vgg_file: Path) -> None:
    def conv(inputs: int, outputs: int) -> nn.Conv2d:
        return nn.Conv2d(inputs, outputs, kernel_size=3, padding=1)

    pool = nn.MaxPool2d(kernel_size=2, stride=2)
    first = nn.Sequential(conv(3, 64), nn.ReLU(), conv(64, 64), nn.ReLU())
    second = nn.Sequential(pool, conv(64, 128), nn.ReLU(), conv(128, 128), nn.ReLU())
    plain = nn.ModuleDict({"features": nn.Sequential(*first, *second)})
    plain.load_state_dict(load_file(vgg_file))
    torch.manual_seed(1)
    picture, other = torch.rand(2, 3, 16, 20), torch.rand(2, 3, 16, 20)

    def features(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = (x - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
        return first(x), second(first(x))

    expected = [(a - b).square().mean() for a, b in zip(features(picture), features(other), strict=True)]
    assert torch.allclose(Perceptual(vgg_file, SMALL)(picture, other), sum(expected) / 2, rtol=1e-5)


def test_gray_counts_as_three_equal_channels(vgg_file: Path) -> None:
    loss, one, two = Perceptual(vgg_file, SMALL), torch.rand(1, 1, 16, 16), torch.rand(1, 1, 16, 16)
    assert torch.equal(loss(one, two), loss(one.repeat(1, 3, 1, 1), two.repeat(1, 3, 1, 1)))


def test_the_network_is_frozen(vgg_file: Path) -> None:
    loss = Perceptual(vgg_file, SMALL)
    candidate, target = torch.rand(1, 3, 16, 16, requires_grad=True), torch.rand(1, 3, 16, 16, requires_grad=True)
    loss(candidate, target).backward()
    assert candidate.grad.abs().sum() > 0
    assert target.grad is None
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in loss.parameters())


def test_a_crop_too_small_for_the_deepest_layer_is_refused(vgg_file: Path) -> None:
    with pytest.raises(TrainingError, match="2 pixels or more, got 1x9"):
        Perceptual(vgg_file, SMALL)(torch.rand(1, 3, 1, 9), torch.rand(1, 3, 1, 9))


@pytest.mark.parametrize("layers", [["relu1_3"], ["conv1_1"], []])
def test_unknown_layers_are_named(vgg_file: Path, layers: list[str]) -> None:
    with pytest.raises(TrainingError, match="layer") as caught:
        Perceptual(vgg_file, layers)
    assert "relu4_3" in caught.value.hint


@pytest.mark.parametrize("zipped", [True, False])  # the published file may be of either format of torch
def test_a_torch_file_serves_as_well_and_more_in_it_does_no_harm(vgg_file: Path, tmp_path: Path, zipped: bool) -> None:
    state = load_file(vgg_file)
    whole = {**state, "classifier.0.weight": torch.zeros(2, 2)}
    torch.save(whole, tmp_path / "vgg16.pth", _use_new_zipfile_serialization=zipped)
    loss = Perceptual(str(tmp_path / "vgg16.pth"), SMALL)
    assert all(torch.equal(value, state[name]) for name, value in loss.net.state_dict().items())


class Malice:
    """What a pickle could do, were it obeyed."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("harm"),)


def test_files_that_hold_no_weights_are_refused(vgg_file: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"features.0.weight": Malice()}, "pickle.pth")
    torch.save([1, 2], "list.pth")
    torch.save({"features.0.weight": torch.zeros(3)}, "other.pth")
    Path("short.pth").write_bytes(Path("other.pth").read_bytes()[:-200])
    Path("short.safetensors").write_bytes(vgg_file.read_bytes()[:-9])
    Path("empty.pth").touch()
    for name in ("pickle.pth", "list.pth", "other.pth", "short.pth", "short.safetensors", "empty.pth", "none.pth", "."):
        with pytest.raises(TrainingError, match="VGG-16"):
            Perceptual(name, SMALL)
    assert not Path("harm").exists()


def test_without_weights_both_ways_to_them_are_named(monkeypatch) -> None:
    """And no network with random weights comes out."""

    def unreachable(url: str, sha256: str) -> Path:
        assert (url, sha256) == (URL, SHA256)
        raise StorageError(f"{url} cannot be fetched: no route to host")

    monkeypatch.setattr(vgg, "fetch", unreachable)
    with pytest.raises(TrainingError, match="cannot be fetched") as caught:
        Perceptual()
    assert "losses.perceptual.weights=" in caught.value.hint
    assert URL in caught.value.hint


def test_the_name_of_the_published_file_carries_its_checksum() -> None:
    assert len(SHA256) == 64
    assert f"vgg16-{SHA256[:8]}.pth" in URL
