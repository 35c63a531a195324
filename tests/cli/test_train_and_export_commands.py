"""From pictures to a model that cleans: train, go on, export, denoise."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from degrain.images.read import read

SMALLEST = (
    "experiment=small", "source=folder", "source.root=photos", "source.split.valid=0.3",
    "model.settings.widths=[8,8]", "model.settings.blocks=[1,1]", "data.side=16", "data.tile=32", "data.batch=2",
    "schedule.warmup=1", "trainer.accelerator=cpu", "trainer.progress=false", "trainer.save_every=1",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """Where a run of two steps left its folder."""
    pytest.importorskip("lightning")
    return tmp_path_factory.mktemp("train")


@pytest.fixture
def trained(run, degrain, save_noisy, monkeypatch) -> Path:
    monkeypatch.chdir(run)
    if not Path("run").exists():
        for seed in range(6):
            save_noisy(run / f"photos/{seed}.png", seed)
        done = degrain("train", *SMALLEST, "trainer.max_steps=2", "run_dir=run")
        assert done.code == 0, done.err
        assert done.out == "run\n"
    return Path("run")


def test_a_run_leaves_what_its_help_says(trained):
    left = {path.name for path in trained.iterdir()}
    assert left >= {"config.yaml", "metrics.csv", "checkpoints", "model.onnx"}


def test_a_run_goes_on(trained, degrain):
    shutil.copytree(trained, "longer")
    done = degrain("train", "resume=longer", "trainer.max_steps=3")
    assert (done.code, done.out) == (0, "longer\n")


def test_ctrl_c_interrupts_as_everywhere(trained, degrain, monkeypatch):
    def ctrl_c(*_):
        raise KeyboardInterrupt

    shutil.copytree(trained, "interrupted")
    monkeypatch.setattr("degrain.training.throughput.Throughput.on_train_batch_end", ctrl_c)
    done = degrain("train", "resume=interrupted", "trainer.max_steps=9")
    assert (done.code, done.out, done.err.strip()) == (130, "", "interrupted")


def test_the_model_cleans_and_so_does_an_exported_checkpoint(trained, degrain):
    done = degrain("export", trained / "checkpoints/last.ckpt", "-o", "mine.onnx", "--overwrite")
    assert done.code == 0, done.err
    assert done.out.startswith("mine.onnx: differs from torch by at most ")
    results = []
    for model in (trained / "model.onnx", "mine.onnx", trained / "checkpoints/last.ckpt"):
        done = degrain("denoise", "photos/0.png", "-o", f"{len(results)}.tif", "-m", model, "--overwrite")
        assert done.code == 0, done.err
        results.append(read(f"{len(results)}.tif").samples.astype(int))
    assert (results[0] == results[1]).all()
    assert abs(results[0] - results[2]).max() <= 1


def test_export_replaces_only_when_asked(trained, degrain, monkeypatch):
    """And says so before the work."""
    monkeypatch.setattr("degrain.export.onnx.to_onnx", lambda *_: pytest.fail("worked in vain"))
    Path("there.onnx").write_bytes(b"precious")
    done = degrain("export", trained / "checkpoints/last.ckpt", "-o", "there.onnx")
    assert done.code == 1
    assert "it exists already" in done.err
    assert Path("there.onnx").read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("train", "experiment=no_such"), 1, "no_such"),
        (("train", "resume=nowhere"), 1, "not a run"),
        (("train", "nonsense"), 1, "nonsense"),
        (("train", "--steps", "3"), 2, "No such option"),
        (("export", "nowhere.ckpt"), 2, "--output"),
        (("export", "nowhere.ckpt", "-o", "out.onnx"), 1, "nowhere.ckpt"),
        (("export", "damaged.ckpt", "-o", "out.onnx"), 1, "damaged.ckpt"),
        (("export", "damaged.ckpt", "-o", "out.txt"), 2, "must end in .onnx"),
    ],
)
def test_what_cannot_be_done(here, degrain, arguments, code, message):
    pytest.importorskip("lightning")
    Path("damaged.ckpt").write_bytes(b"damaged")
    done = degrain(*arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert "unexpected" not in done.err
    assert [path.name for path in Path().iterdir()] == ["damaged.ckpt"]


@pytest.mark.parametrize("command", [("train", "experiment=small"), ("export", "a.ckpt", "-o", "b.onnx")])
def test_a_missing_extra_is_named(here, command):
    code = (  # None there means: as if it were not installed
        "import sys; sys.modules.update(dict.fromkeys(('torch', 'lightning', 'hydra')))\n"
        "from degrain.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "which is not installed\nhint: pip install 'degrain[train]'" in done.stderr
    assert len(done.stderr.splitlines()) == 2
