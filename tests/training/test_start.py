"""A run that begins with what another has learnt."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from degrain.denoisers.zoo import open_denoiser
from degrain.errors import DegrainError, TrainingError
from degrain.export.checkpoint import load_checkpoint, load_network
from degrain.export.onnx import export_onnx, read_onnx
from degrain.training.run import train

STILL = ["optimizer.lr=0", "trainer.max_steps=1"]  # a run that changes nothing


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory, tiny: list[str]) -> Path:
    folder = tmp_path_factory.mktemp("start") / "narrow"
    return train([*tiny, f"run_dir={folder}", "trainer.max_steps=12"])


@pytest.mark.parametrize("start", [".", "checkpoints/last.ckpt", "model.onnx"])
def test_a_wider_network_goes_on_from_a_narrow_ones_run(
    start: str, narrow: Path, tiny: list[str], tmp_path: Path
) -> None:
    wide = train(
        [*tiny, f"start={narrow / start}", f"run_dir={tmp_path / 'wide'}", "model.settings.widths=[8,16]", *STILL]
    )
    noisy, level = torch.rand(2, 4, 16, 24), torch.rand(2, 1, 16, 24)
    with torch.inference_mode():
        before, after = (load_network(run / "checkpoints/last.ckpt")[0](noisy, level) for run in (narrow, wide))
    assert torch.allclose(before, after, atol=1e-5)


@pytest.mark.parametrize("name", ["tiny", "small", "base", "photo"])
def test_a_bundled_model_can_be_begun_with(name: str, tiny: list[str], tmp_path: Path) -> None:
    bundled = open_denoiser(name)
    overrides = [text for text in tiny if not text.startswith("model.")]
    run = train([*overrides, f"model={name}", f"start={name}", f"run_dir={tmp_path / 'run'}", *STILL])
    noisy, level = np.random.default_rng(0).random((2, 3, 32, 48), np.float32), np.full((2, 1, 32, 48), 0.1, np.float32)
    np.testing.assert_allclose(open_denoiser(run)(noisy, level), bundled(noisy, level), atol=1e-5)


@pytest.mark.parametrize("half", [False, True])
def test_an_exported_file_of_other_weights_or_none_is_refused(half: bool, narrow: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.onnx"
    export_onnx(narrow, file, half=half)
    whole = onnx.load(file)
    changes = {
        altered: "form that training",
        untold: "does not say how",
        nonsense: "by a name",
        renamed: "mine.onnx: .*must take noisy",
        shorter: "mine.onnx: the model is refused",
    }
    for change, words in changes.items():
        other = onnx.ModelProto()
        other.CopyFrom(whole)
        change(other)
        with pytest.raises(DegrainError, match=words):
            read_onnx(other.SerializeToString(), "mine.onnx")


def renamed(model: onnx.ModelProto) -> None:
    """An input by another name."""
    for part in (model.graph.input[0], *model.graph.node):
        names = [part.name] if part is model.graph.input[0] else list(part.input)
        if "noisy" in names and part is model.graph.input[0]:
            part.name = "other"
        elif "noisy" in names:
            part.input[names.index("noisy")] = "other"


def shorter(model: onnx.ModelProto) -> None:
    """A weight without its last bytes."""
    weight = next(one for one in model.graph.initializer if one.name.startswith("net."))
    weight.raw_data = weight.raw_data[:-8]


def nonsense(model: onnx.ModelProto) -> None:
    """A network that no name stands for."""
    spec = json.loads(model.metadata_props[0].value)
    model.metadata_props[0].value = json.dumps(spec | {"network": ["x"]})


def altered(model: onnx.ModelProto) -> None:
    """The graph says that a rectifier lets more through than the network's does."""
    for node in model.graph.node:
        if node.op_type == "LeakyRelu":
            node.attribute[0].f = 0.5


def untold(model: onnx.ModelProto) -> None:
    """As files were exported before they said how their networks were built."""
    spec = json.loads(model.metadata_props[0].value)
    del spec["network"], spec["settings"]
    model.metadata_props[0].value = json.dumps(spec)


def test_a_resumed_run_does_not_need_its_beginning_again(narrow: Path, tiny: list[str], tmp_path: Path) -> None:
    start = shutil.copytree(narrow, tmp_path / "start")
    run = train([*tiny, f"start={start}", f"run_dir={tmp_path / 'run'}", "trainer.max_steps=3"])
    shutil.rmtree(start)
    train([f"resume={run}", "trainer.max_steps=4"])
    assert load_checkpoint(run / "checkpoints/last.ckpt")["global_step"] == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["start=nowhere.ckpt"], "nowhere.ckpt"),
        (["start=nowhere.onnx"], "nowhere.onnx"),
        (["start=smal"], "'smal'"),
        (["model=dncnn", "model.settings.depth=3"], "same layers"),
        (["model.settings.widths=[4,8]"], "no wider"),
        (["+model.settings.centred=false"], "one of its kind"),
    ],
)
def test_what_cannot_be_a_beginning_is_refused(
    changes: list[str], words: str, narrow: Path, tiny: list[str], tmp_path: Path
) -> None:
    widths = [text for text in tiny if "model=" not in " ".join(changes) or "model." not in text]
    with pytest.raises(TrainingError, match=words):
        train([*widths, f"start={narrow}", *changes, f"run_dir={tmp_path / 'run'}"])
    assert not (tmp_path / "run/config.yaml").exists()
