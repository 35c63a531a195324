"""Live views show what happens, change nothing, hold nothing up and leave nothing running."""

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import lightning as L
import pytest
import torch
from torch import Tensor, nn

from degrain.errors import TrainingError
from degrain.images.read import read
from degrain.models.base import DenoisingNet, own_planes
from degrain.objectives.batch import Batch
from degrain.objectives.losses import WeightedSum
from degrain.objectives.supervised import Supervised
from degrain.spec import InputRule
from degrain.storage.run_folder import LAST
from degrain.training.frames import Frames, Shot
from degrain.training.live import LivePlotAsync, LivePlotBatch
from degrain.training.module import DenoisingModule
from degrain.training.run import train
from degrain.training.screens import FolderScreen

Fit = Callable[..., L.Trainer]
PNG = b"\x89PNG"


class Album:
    """A screen that keeps all it is shown."""

    def __init__(self) -> None:
        self.shown: list[bytes] = []

    def show(self, png: bytes) -> None:
        self.shown.append(png)

    def refresh(self) -> None:
        pass


class At(L.Callback):
    """Does something after the step of that number."""

    def __init__(self, step: int, act: Callable[[], object]) -> None:
        self.step, self.act = step, act

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any) -> None:
        if trainer.global_step == self.step:
            self.act()


def threads() -> set[str]:
    """Names of all that run; tqdm keeps one for itself once the ONNX exporter has used it."""
    return {f"{thread.name} {thread.ident}" for thread in threading.enumerate() if thread.name != "tqdm_monitor"}


@pytest.fixture
def same_threads() -> Iterator[None]:
    before = threads()
    yield
    assert threads() == before


def test_weights_are_the_same_with_and_without_a_view(tiny: list[str], tmp_path: Path, same_threads: None) -> None:
    runs = {view: tmp_path / view for view in ("null", "batch", "async")}
    for view, folder in runs.items():
        train([*tiny, f"run_dir={folder}", "trainer.max_steps=6", f"trainer.live={view}", "trainer.live_every=2"])
    checkpoints = {view: (folder / "checkpoints" / LAST).read_bytes() for view, folder in runs.items()}
    assert checkpoints["batch"] == checkpoints["null"]
    assert checkpoints["async"] == checkpoints["null"]
    for view in ("batch", "async"):
        assert read(runs[view] / "live.png").channels == 3
        assert "live.png" in (runs[view] / "live.html").read_text()
    assert not (runs["null"] / "live.png").exists()


def test_the_blocking_view_shows_every_batch(fit_tiny: Fit) -> None:
    album = Album()
    fit_tiny(LivePlotBatch(album), max_steps=5)
    assert len(album.shown) == len(set(album.shown)) == 5
    assert all(png.startswith(PNG) for png in album.shown)


def test_the_view_in_the_background_shows_every_nth(fit_tiny: Fit, same_threads: None) -> None:
    album = Album()
    view = LivePlotAsync(album, every=3)
    fit_tiny(view, max_steps=6)
    assert view.frames.steps == [3, 6]
    assert len(album.shown) == 2


def test_a_screen_that_hangs_does_not_hold_training_up(fit_tiny: Fit, same_threads: None) -> None:
    trained = Event()

    class Stuck(Album):
        def show(self, png: bytes) -> None:
            trained.wait()
            super().show(png)

    album = Stuck()
    fit_tiny(LivePlotAsync(album, every=1), At(12, trained.set), max_steps=12)  # hangs if a step waits for the screen
    assert 1 <= len(album.shown) <= 4  # the one in hand, two that waited, one of the last step


def test_nothing_is_left_after_an_error(fit_tiny: Fit, same_threads: None) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fit_tiny(LivePlotAsync(Album(), every=1), At(3, fail))


def test_nothing_is_left_after_ctrl_c(fit_tiny: Fit, same_threads: None) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever a test before this one has left
    try:
        with pytest.raises(SystemExit):
            fit_tiny(LivePlotAsync(Album(), every=1), At(3, lambda: signal.raise_signal(signal.SIGINT)))
        assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_of_the_view_is_raised_when_the_model_is_safe(
    tiny: list[str], tmp_path: Path, same_threads: None
) -> None:
    (tmp_path / "live.png").mkdir()
    with pytest.raises(TrainingError, match=r"live view stopped.*live\.png"):
        train([*tiny, f"run_dir={tmp_path}", "trainer.max_steps=4", "trainer.live=async", "trainer.live_every=1"])
    assert (tmp_path / "model.onnx").stat().st_size > 0


@pytest.mark.parametrize("setting", ["live=sometimes", "live_every=0"])
def test_settings_that_make_no_sense(setting: str, tiny: list[str], tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=setting.split("=")[0]):
        train([*tiny, f"run_dir={tmp_path / 'run'}", "trainer.live=async", f"trainer.{setting}"])


class Moody(DenoisingNet):
    """Whatever a careless look could disturb: running statistics and chance."""

    def __init__(self) -> None:
        super().__init__(own_planes(3), wants_level=False)
        self.body = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Dropout(0.5))
        self.frozen = nn.BatchNorm2d(3).eval()

    @property
    def rule(self) -> InputRule:
        return InputRule(multiple_of=1, minimum=1)

    @property
    def halo(self) -> int:
        return 1

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        return self.frozen(self.body(noisy))


def test_a_shot_disturbs_neither_statistics_nor_modes_nor_chance() -> None:
    module = DenoisingModule(Moody(), Supervised(WeightedSum.parse("mse")), lambda params: None, lambda step: 1.0, {})
    state = {name: value.clone() for name, value in module.state_dict().items()}
    modes = [part.training for part in module.modules()]
    chance = torch.get_rng_state()
    pixels = torch.linspace(0, 1, 2 * 3 * 8 * 8).view(2, 3, 8, 8)
    shot = Shot.of(module, Batch(noisy=pixels, clean=pixels, level=pixels[:, :1]), 7, [torch.tensor(1.0)])
    assert torch.equal(torch.get_rng_state(), chance)
    assert [part.training for part in module.modules()] == modes
    assert all(torch.equal(value, state[name]) for name, value in module.state_dict().items())
    assert list(shot.columns) == ["clean", "noisy", "denoised"]
    assert not any(column.requires_grad for column in shot.columns.values())


def test_a_shot_is_a_copy_and_a_batch_without_clean_pictures_has_two_columns() -> None:
    module = DenoisingModule(Moody(), Supervised(WeightedSum.parse("mse")), lambda params: None, lambda step: 1.0, {})
    pixels = torch.rand(1, 3, 8, 8)
    shot = Shot.of(module, Batch(noisy=pixels, level=pixels[:, :1]), 7, [torch.tensor(1.0), torch.tensor(3.0)])
    before = shot.columns["noisy"].clone()
    pixels.zero_()
    assert torch.equal(shot.columns["noisy"], before)
    assert list(shot.columns) == ["noisy", "denoised"]
    frames = Frames()
    assert frames.draw(shot).startswith(PNG)
    assert (frames.steps, frames.losses) == ([7], [2.0])


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    screen = FolderScreen(tmp_path / "run")
    for content in (b"first", b"second"):
        screen.show(content)
        assert (tmp_path / "run" / "live.png").read_bytes() == content
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["live.html", "live.png"]
