"""Every recipe composes, takes a step, resumes, exports, and its model cleans a picture of odd size."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_every_source import MADE

import degrain
from degrain.export.checkpoint import load_checkpoint
from degrain.objectives.vgg import Vgg16
from degrain.training.build import build_data, build_module
from degrain.training.compose import compose_run
from degrain.training.held_out import held_out
from degrain.training.run import train

RECIPES = sorted(path.stem for path in (Path(degrain.__file__).parent / "conf/experiment").glob("*.yaml"))
DATA = Path(os.environ.get("DEGRAIN_DATA", "/nowhere"))
BARE = [
    "data.batch=2",
    "trainer.max_steps=1",
    "trainer.accelerator=cpu",
    "trainer.progress=false",
    "trainer.loggers=[csv]",
]
BARE += ["schedule.warmup=0", "valid_noises=['gaussian:sigma=25']"]
SLIM = {  # the same networks, thinner
    "base": ["model.settings.widths=[8,8,8]"],
    "large": ["model.settings.widths=[8,8,8]"],
    "histology_vit": ["model.settings.depth=2"],
    "photos_unet": ["model.settings.base=4"],
    "noise2noise_resunet": ["model.settings.widths=[8,8,8]", "losses.perceptual.layers=[relu1_2]"],
}


def vgg(folder: Path) -> Path:
    from safetensors.torch import save_file

    file = folder / "vgg.safetensors"
    save_file(Vgg16(["relu1_2"]).state_dict(), file)
    return file


def made(recipe: str, folder: Path) -> list[str]:
    """A small data set in the layout that the recipe's source has, large enough for its crops."""
    config = compose_run([f"experiment={recipe}", "source.root=.", f"run_dir={folder / 'none'}"]).config
    name, tile = config.source.name, config.data.tile
    if name == "folder":
        (folder / "photos").mkdir()
        root, settings = folder / "photos", ["source.settings.include=['']"]
    else:
        root, settings = folder / name, []
        root.mkdir()
    MADE[name](root, range(12))
    for path in root.rglob("*.*"):
        if path.suffix in (".png", ".jpg", ".jpeg"):
            Image.open(path).resize((tile + 4, tile)).save(path)
    return [f"source.root={root}", *settings, "source.split.valid=0.4", "source.split.test=0.2"]


@pytest.mark.parametrize("recipe", [name for name in RECIPES if not name.endswith("_small")])
def test_it_takes_a_step_resumes_exports_and_cleans_a_picture_of_odd_size(
    recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path / "cache"))
    run, data = tmp_path / "run", made(recipe, tmp_path)
    weights = [f"losses.perceptual.weights={vgg(tmp_path)}"] if recipe == "noise2noise_resunet" else []
    train([f"experiment={recipe}", *data, *BARE, *SLIM.get(recipe, []), *weights, f"run_dir={run}"])
    train([f"resume={run}", "trainer.max_steps=2"])
    assert load_checkpoint(run / "checkpoints/last.ckpt")["global_step"] == 2
    noisy = np.random.default_rng(0).integers(0, 256, (67, 41, 3), dtype=np.uint8)
    clean = degrain.denoise(noisy, model=run / "model.onnx")
    assert (clean.shape, clean.dtype) == (noisy.shape, noisy.dtype)
    assert held_out(run).items


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="needs pictures: DEGRAIN_DATA")
@pytest.mark.parametrize("recipe", [name for name in RECIPES if name.endswith("_small")])
def test_the_small_form_finds_its_pictures(recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEGRAIN_CACHE", str(tmp_path))
    run = compose_run([f"experiment={recipe}", f"run_dir={tmp_path / 'run'}"])
    data = build_data(run.config, build_module(run.config))
    assert data.pictures.sides["train"]
    assert data.pictures.sides["test"] or data.pictures.sides["valid"]


@pytest.mark.parametrize("recipe", RECIPES)
def test_its_head_says_what_it_is_and_how_to_start_it(recipe: str) -> None:
    text = (Path(degrain.__file__).parent / f"conf/experiment/{recipe}.yaml").read_text()
    head = [line for line in text.splitlines() if line.startswith("# ")]
    assert any(f"degrain train experiment={recipe}" in line for line in head)
