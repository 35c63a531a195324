"""A training run, from its settings to a model.

runs/NAME/TIME/
    config.yaml            what was run, resolved
    metrics.csv            step, name, value; TensorBoard's files in tensorboard/
    loss.png               its curves: training loss, validation PSNR
    live.html, live.png    with trainer.live: what the network makes of the batch at hand
    checkpoints/last.ckpt  everything needed to go on, and the one before it; best.ckpt by the validation PSNR
    samples/               held-out pictures: clean | noisy | denoised
    model.onnx             the averaged weights, ready for ``degrain denoise -m``
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import lightning as L
from lightning.pytorch.utilities.exceptions import SIGTERMException

from degrain.export.checkpoint import load_checkpoint
from degrain.export.learnt import learnt_network
from degrain.storage.atomic import make_folder, make_own_folder
from degrain.storage.lock import held_alone
from degrain.storage.run_folder import RunFolder
from degrain.training.build import build_data, build_module, build_trainer, check_patience
from degrain.training.compose import Run, compose_run, plain
from degrain.training.interrupt import BetweenSteps
from degrain.training.module import DenoisingModule
from degrain.training.processes import is_first, tell_folder

TERMINATED = 128 + 15  # exit code, as shells have it

log = logging.getLogger(__name__)


def train(overrides: Sequence[str]) -> Path:
    """Train as the overrides say; see ``conf/train.yaml``.

    Args:
        overrides: Hydra's ``key=value``, among them ``resume=RUN_DIR``.

    Returns:
        The run's folder.

    Raises:
        TrainingError: a configuration, data or checkpoint that cannot be used.
    """
    return fit(compose_run(overrides))


def fit(run: Run) -> Path:
    """Train until the configured step or time, leaving a checkpoint behind in the folder that is returned."""
    config = plain(run.config)
    first_step = load_checkpoint(run.checkpoint)["global_step"] if run.checkpoint else 0
    if first_step >= config["trainer"]["max_steps"]:
        log.warning("the run has taken its %d steps; trainer.max_steps=... takes it further", first_step)
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)  # no tips, no list of absent devices
    L.seed_everything(config["seed"], verbose=False)
    module = build_module(config)
    if run.checkpoint is None and config["start"]:
        begin(module, config["start"])
    data = build_data(config, module)
    check_patience(config["trainer"]["patience"], module.objective)
    folder = _made_folder(run)
    if config["trainer"]["compile"]:
        module.by_planes.net.compile()
    with warnings.catch_warnings(), _alone(folder), _interrupted_as_usual(folder):
        warnings.simplefilter("ignore")  # Lightning warns of its own internals and of choices that are meant
        build_trainer(config, folder, first_step).fit(module, data, ckpt_path=run.checkpoint)
    return folder


def _made_folder(run: Run) -> Path:
    """Where the run is kept. A fresh one named by the time has it for itself: others may begin in the same second."""
    folder = run.folder
    if is_first():
        if run.own:
            folder = make_own_folder(folder)
        tell_folder(folder)
    make_folder(RunFolder(folder).checkpoints)
    return folder


def _alone(folder: Path) -> AbstractContextManager[None]:
    """No other run in the folder. The processes that the first one starts share it. Raises StorageError."""
    return held_alone(RunFolder(folder).lock, wait=False) if is_first() else nullcontext()


@contextmanager
def _interrupted_as_usual(folder: Path) -> Iterator[None]:
    """Ctrl-C stays one: Lightning makes an exit of it. After SIGTERM the exit code says so: nothing is finished."""
    try:
        yield
    except SIGTERMException:
        log.warning("stopped by SIGTERM; resume=%s goes on", folder)
        raise SystemExit(TERMINATED) from None
    except SystemExit as stopped:
        if isinstance(stopped.__context__, KeyboardInterrupt):
            saved = isinstance(stopped.__context__, BetweenSteps)
            log.warning("stopped; resume=%s goes on%s", folder, "" if saved else " from the last save")
            raise KeyboardInterrupt from None
        raise


def begin(module: DenoisingModule, start: str) -> None:
    """Give a fresh network the averaged weights of another, by what ``learnt_network`` takes. Raises DegrainError."""
    module.by_planes.net.begin_from(learnt_network(start))
