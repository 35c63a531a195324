"""A run killed at any moment goes on to the very same weights as one that was left alone."""

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import lightning as L
import pytest
from omegaconf import OmegaConf

from degrain.errors import StorageError, TrainingError
from degrain.export.checkpoint import load_checkpoint, newest_checkpoint
from degrain.storage.lock import held_alone
from degrain.storage.run_folder import LAST, PREVIOUS, RunFolder
from degrain.training.compose import compose_run
from degrain.training.held_out import held_out
from degrain.training.run import fit, train
from degrain.training.schedule import WarmupStableDecay
from degrain.training.throughput import Throughput

KILLS = 4


def last(run: Path) -> bytes:
    return (run / "checkpoints" / LAST).read_bytes()


def start(overrides: list[str], slow: float) -> subprocess.Popen[bytes]:
    """A run in a process of its own whose saving is slowed, so that kills also fall into the middle of a save."""
    code = (
        "import sys, time, os, signal; from degrain.training.run import train\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored where the tests run in the background
        f"fsync = os.fsync; os.fsync = lambda fd: (time.sleep({slow}), fsync(fd))[1]\n"
        "train(sys.argv[1:])"
    )
    return subprocess.Popen([sys.executable, "-W", "ignore", "-c", code, *overrides], stderr=subprocess.PIPE)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, tiny: list[str]) -> Path:
    folder = tmp_path_factory.mktemp("run") / "undisturbed"
    process = start([*tiny, f"run_dir={folder}"], slow=0)
    _, complaints = process.communicate()
    assert process.returncode == 0, complaints.decode()[-2000:]
    return folder


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    while not path.exists():
        assert process.poll() is None, process.stderr.read().decode()[-2000:]  # type: ignore[union-attr]
        time.sleep(0.02)


def test_two_processes_do_not_train_in_one_folder(undisturbed: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(undisturbed, run)
    before = last(run)
    with held_alone(RunFolder(run).lock), pytest.raises(StorageError, match="another process"):
        train([f"resume={run}", "trainer.max_steps=41"])
    assert last(run) == before
    assert train([f"resume={run}", "trainer.max_steps=41"]) == run
    assert last(run) != before


def test_a_run_leaves_what_it_promises(undisturbed: Path) -> None:
    for name in ("config.yaml", "metrics.csv", "loss.png", "model.onnx"):
        assert (undisturbed / name).stat().st_size > 0
    for name in ("last", "previous", "best"):
        assert (undisturbed / "checkpoints" / f"{name}.ckpt").stat().st_size > 0
    assert sorted(path.name for path in (undisturbed / "samples").iterdir()) == ["0000020.png", "0000040.png"]
    assert any((undisturbed / "tensorboard").iterdir())
    with (undisturbed / "metrics.csv").open(newline="") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    assert {"loss", "megapixels_per_second", "psnr_rgb_25", "psnr_gray_50_blind"} <= names


def test_killed_at_random_points_and_resumed(tiny: list[str], tmp_path: Path, undisturbed: Path) -> None:
    folder = tmp_path / "killed"
    seed = int.from_bytes(os.urandom(4))
    chance = random.Random(seed)
    overrides = [*tiny, f"run_dir={folder}"]
    for _ in range(KILLS):
        process = start(overrides, slow=0.05)
        wait_for(folder / "checkpoints" / LAST, process)
        time.sleep(chance.uniform(0, 1.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()  # and closes the pipe
        newest_checkpoint(RunFolder(folder))  # raises when no checkpoint is whole
        overrides = [f"resume={folder}"]
    process = start(overrides, slow=0)  # in a process of its own, like the undisturbed one: same number of threads
    process.communicate()
    assert last(folder) == last(undisturbed), f"killed as drawn from seed {seed}"
    with (folder / "metrics.csv").open(newline="") as file:
        losses = [row["step"] for row in csv.DictReader(file) if row["name"] == "loss"]
    assert losses == sorted(set(losses), key=int)


KILLED_IN_VALIDATION = """
import os, sys
from degrain.training.run import train
from degrain.training.samples import Samples
Samples.on_validation_batch_end = lambda self, trainer, *rest: os._exit(9) if trainer.global_step == 8 else None
train(sys.argv[1:])
"""


def test_validation_that_a_kill_broke_off_is_made_up_for(tiny: list[str], tmp_path: Path) -> None:
    settings = [*tiny, "trainer.max_steps=12", "trainer.save_every=4", "trainer.valid_every=4"]
    train([*settings, f"run_dir={tmp_path / 'undisturbed'}"])
    killed = [sys.executable, "-W", "ignore", "-c", KILLED_IN_VALIDATION, *settings, f"run_dir={tmp_path / 'killed'}"]
    assert subprocess.run(killed, capture_output=True, check=False).returncode == 9
    train([f"resume={tmp_path / 'killed'}"])
    logged, best = [], []
    for run in (tmp_path / "undisturbed", tmp_path / "killed"):
        with (run / "metrics.csv").open(newline="") as file:
            logged.append([(row["step"], row["name"]) for row in csv.DictReader(file)])
        best.append(load_checkpoint(run / "checkpoints" / LAST)["callbacks"]["KeepBest"]["best"])
    assert ("7", "psnr") in logged[0]
    assert logged[1] == logged[0]
    assert best[1] == pytest.approx(best[0], rel=1e-4)


def test_without_validation_the_last_step_is_saved(tiny: list[str], tmp_path: Path) -> None:
    train([*tiny, f"run_dir={tmp_path / 'run'}", "trainer.max_steps=4", "source.split.valid=0"])
    assert load_checkpoint(tmp_path / "run/checkpoints" / LAST)["global_step"] == 4


def test_a_damaged_checkpoint_falls_back_to_the_one_before(
    tiny: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "damaged"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=20", "schedule.decay=0"])
    path = folder / "checkpoints" / LAST
    path.write_bytes(path.read_bytes()[:-100])
    before = (folder / "checkpoints" / PREVIOUS).read_bytes()
    with caplog.at_level("WARNING"):
        assert compose_run([f"resume={folder}"]).checkpoint.name == PREVIOUS
    assert "going on from the checkpoint before it" in caplog.text
    assert last(folder) == before  # whole again: the next save puts it in the place of the one before


@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [(signal.SIGTERM, 128 + signal.SIGTERM, "stopped by SIGTERM"), (signal.SIGINT, -signal.SIGINT, "stopped")],
)
def test_sigterm_and_ctrl_c_save_and_say_so(
    sent: signal.Signals, code: int, words: str, tiny: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "stopped"
    long = ["trainer.max_steps=100000", "trainer.save_every=100000", "source.split.valid=0"]
    process = start([*tiny, f"run_dir={folder}", *long], slow=0)
    wait_for(folder / "config.yaml", process)
    time.sleep(1)
    process.send_signal(sent)
    _, said = process.communicate()
    assert process.returncode == code
    assert f"{words}; resume={folder} goes on\n" in said.decode()
    step = load_checkpoint(folder / "checkpoints" / LAST)["global_step"]
    assert step > 0
    train([f"resume={folder}", f"trainer.max_steps={step + 2}"])
    assert load_checkpoint(folder / "checkpoints" / LAST)["global_step"] == step + 2
    with (folder / "metrics.csv").open(newline="") as file:
        losses = [int(row["step"]) for row in csv.DictReader(file) if row["name"] == "loss"]
    assert losses == list(range(step + 2))


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ("model.settings.widths=[16,24,32]", "model.settings.widths"),
        ("model={settings: {widths: [16,24,32]}}", "model.settings.widths"),
        ("source.split.valid=0.6", "source.split.valid"),
        ("source.split={valid: 0.6}", "source.split.valid"),
        ("source={split: {valid: 0.6}}", "source.split.valid"),
        ("optimizer={name: adam}", "optimizer.name"),
        ("objective={name: noise2noise}", "objective.name"),
        ("noise={name: gaussian, sigma: 5}", "noise.name"),
        ("start=other", "start"),
    ],
)
def test_a_resumed_run_stays_the_same_run(undisturbed: Path, change: str, kept: str) -> None:
    with pytest.raises(TrainingError, match=f"keeps its {kept}: "):
        train([f"resume={undisturbed}", change])


@pytest.mark.parametrize("text", ["a: [", "", "hello", "- 1", "model: {network: unet}"])
def test_a_damaged_configuration_is_named(undisturbed: Path, tmp_path: Path, text: str) -> None:
    run = Path(shutil.copytree(undisturbed, tmp_path / "run"))
    (run / "config.yaml").write_text(text)
    for ask in (lambda: compose_run([f"resume={run}"]), lambda: held_out(run)):
        with pytest.raises(TrainingError, match=r"run/config\.yaml cannot be used"):
            ask()


def test_a_value_that_cannot_be_read_is_named(undisturbed: Path) -> None:
    with pytest.raises(TrainingError, match=r"the value of data\.side=\[ cannot be read"):
        compose_run([f"resume={undisturbed}", "data.side=["])


def test_a_run_killed_between_its_first_validation_and_its_first_save_goes_on(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "early"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=4", "trainer.valid_every=4", "trainer.save_every=100"])
    for name in (LAST, PREVIOUS):
        (folder / "checkpoints" / name).unlink(missing_ok=True)
    train([f"resume={folder}", "trainer.max_steps=8"])
    undisturbed = tmp_path / "undisturbed"
    train([*tiny, f"run_dir={undisturbed}", "trainer.max_steps=4", "trainer.valid_every=4", "trainer.save_every=100"])
    train([f"resume={undisturbed}", "trainer.max_steps=8"])
    one, other = (load_checkpoint(run / "checkpoints" / LAST)["state_dict"] for run in (folder, undisturbed))
    assert all(one[name].equal(other[name]) for name in one)


def test_a_run_that_has_ended_says_so(undisturbed: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING"):
        train([f"resume={undisturbed}"])
    assert "has taken its 40 steps" in caplog.text


def test_a_folder_that_holds_a_run_is_not_trained_over(tiny: list[str], undisturbed: Path) -> None:
    before = last(undisturbed)
    with pytest.raises(TrainingError, match="holds a run already"):
        train([*tiny, f"run_dir={undisturbed}"])
    assert last(undisturbed) == before


def test_a_loss_that_is_no_number_stops_the_run_and_spares_the_checkpoint(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "diverged"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=6"])
    before = last(folder)
    with pytest.raises(TrainingError, match="loss is"):
        train([f"resume={folder}", "trainer.max_steps=40", "optimizer.lr=1e30"])
    assert last(folder) == before


def test_a_longer_schedule_goes_on_from_the_stable_part(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "longer"
    train([*tiny, f"run_dir={folder}", "trainer.max_steps=8"])
    train([f"resume={folder}", "trainer.max_steps=12"])
    assert OmegaConf.load(folder / "config.yaml").trainer.max_steps == 12
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows if row["name"] == "loss"] == list(range(12))
    rates = {int(row["step"]): float(row["value"]) for row in rows if row["name"].startswith("lr-")}
    schedule, peak = WarmupStableDecay(steps=12, warmup=4, decay=0.85), 0.002
    for step in range(8, 12):
        assert rates[step] == pytest.approx(peak * schedule(step), rel=1e-4), step


def test_minutes_count_anew_when_a_run_goes_on(tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "minutes"
    train([*tiny, f"run_dir={folder}", "trainer.max_minutes=0.0001", "trainer.max_steps=100000"])
    stopped = load_checkpoint(folder / "checkpoints" / LAST)["global_step"]
    train([f"resume={folder}"])
    assert load_checkpoint(folder / "checkpoints" / LAST)["global_step"] > stopped


def test_a_resumed_run_keeps_its_noise(tiny: list[str], tmp_path: Path, undisturbed: Path) -> None:
    with pytest.raises(TrainingError, match="keeps its noise"):
        train([f"resume={undisturbed}", "noise=poisson"])


@pytest.mark.parametrize(
    "settings", [["trainer.live=abacus"], ["source.root=/nowhere"], ["trainer.patience=2", "source.split.valid=0"]]
)
def test_a_setting_that_is_refused_leaves_the_run_as_it_was(undisturbed: Path, settings: list[str]) -> None:
    before = (undisturbed / "config.yaml").read_bytes()
    with pytest.raises(TrainingError):
        train([f"resume={undisturbed}", "trainer.max_steps=41", *settings])
    assert (undisturbed / "config.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["resume=/nowhere"], "not a run"),
        (["experiment=no_such"], "no_such"),
        (["model.settings.depth=3"], "depth"),
        (["source.root=/nowhere"], "/nowhere"),
        (["objective.loss=l7"], "l7"),
        (["optimizer.name=sgdd"], "sgdd"),
        (["optimizer.speed=3"], "speed"),
        (["data.side=999"], "side"),
        (["data.height=999"], "height"),
        (["trainer.accelerator=abacus"], "abacus"),
        (["noise.sigma=[9,3]"], "sigma"),
        (["source.settings.include=photos"], "list of folders"),
    ],
)
def test_what_a_run_cannot_use_is_a_clear_error(
    tiny: list[str], tmp_path: Path, overrides: list[str], message: str
) -> None:
    kept = [text for text in tiny if text.split("=")[0] != overrides[0].split("=")[0]]
    with pytest.raises(Exception, match=message) as caught:
        train([*kept, f"run_dir={tmp_path / 'run'}", *overrides])
    assert caught.type.__module__ == TrainingError.__module__


def test_runs_begun_in_the_same_second_have_a_folder_each(
    tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEGRAIN_RUN_DIR", "")  # which the run sets is undone
    run = compose_run([*tiny, "trainer.max_steps=1"])
    first, second = fit(run), fit(run)
    assert (first, second.name) == (run.folder, f"{first.name}_2")
    assert all((tmp_path / folder / "checkpoints" / LAST).exists() for folder in (first, second))


def test_a_run_that_was_killed_before_its_first_save_begins_anew(
    tiny: list[str], tmp_path: Path, undisturbed: Path
) -> None:
    folder = tmp_path / "early"
    process = start([*tiny, f"run_dir={folder}"], slow=0.5)
    wait_for(folder / "config.yaml", process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not list((folder / "checkpoints").glob("*.ckpt"))
    process = start([f"resume={folder}"], slow=0)
    process.communicate()
    assert process.returncode == 0
    assert last(folder) == last(undisturbed)
    with (folder / "metrics.csv").open(newline="") as file:
        losses = [row["step"] for row in csv.DictReader(file) if row["name"] == "loss"]
    assert losses == sorted(set(losses), key=int)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Python's own answer to it: where tests run in the background it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("times", "saved", "words"), [(1, 3, "goes on"), (2, 2, "goes on from the last save")])
def test_a_second_ctrl_c_does_not_wait_for_the_step(
    times: int,
    saved: int,
    words: str,
    tiny: list[str],
    tmp_path: Path,
    ctrl_c: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def press(throughput: Throughput, trainer: L.Trainer, *_: object) -> None:
        for _press in range(times if trainer.global_step == 3 else 0):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Throughput, "on_train_batch_end", press)
    folder = tmp_path / "interrupted"
    with caplog.at_level("WARNING"), pytest.raises(KeyboardInterrupt):
        train([*tiny, f"run_dir={folder}", "trainer.save_every=2"])
    assert caplog.messages == [
        "stopping after this step; Ctrl-C again stops at once",
        f"stopped; resume={folder} {words}",
    ]
    assert load_checkpoint(folder / "checkpoints" / LAST)["global_step"] == saved
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
