"""The command as a process of its own: pipes, a reader that leaves, Ctrl-C."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from degrain.images.read import read

COMMAND = [sys.executable, "-m", "degrain"]


def run(*arguments: object, **settings) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, check=False, **settings)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_stdin_to_stdout_in_the_same_format(here, save_noisy, model_file, suffix):
    photo = save_noisy(here / f"photo{suffix}")
    done = run("denoise", "-", "-m", model_file, input=photo.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    run("denoise", photo, "-m", model_file)
    assert (read(done.stdout).samples == read(photo.with_suffix(f".denoised{suffix}")).samples).all()


def test_strength_0_is_a_copy(here, photo, model_file):
    data = photo.read_bytes()
    assert run("denoise", "-", "-m", model_file, "--strength", 0, input=data).stdout == data


def test_a_stream_that_is_no_picture(here, model_file):
    done = run("denoise", "-", "-m", model_file, input=b"hello")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error: input: this is no picture")


@pytest.mark.parametrize("command", [("models",), ("denoise", "--help"), ("denoise", "photo.png", "-m", "MODEL")])
def test_a_reader_that_leaves_is_no_error_to_speak_of(here, photo, model_file, command):
    arguments = [str(model_file) if word == "MODEL" else word for word in command]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()  # before anything is written
        assert process.stderr.read() == b""
        assert process.wait() == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_in_the_middle_of_a_picture(here, save_noisy, model_file, monkeypatch, unbuffered):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)  # then stdout writes a part and is content
    photo = save_noisy(here / "photo.bmp", height=300, width=300)  # more than a pipe holds
    command = [*COMMAND, "denoise", "-", "-m", str(model_file)]
    with (
        photo.open("rb") as data,
        subprocess.Popen(command, stdin=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("command", [("models",), ("denoise", "-", "--strength", "0", "-m")])
def test_a_full_disk_behind_stdout(here, photo, model_file, command):
    arguments = [*command, str(model_file)] if command[-1] == "-m" else command
    with open("/dev/full", "wb") as full, photo.open("rb") as data:  # noqa: PTH123
        done = subprocess.run([*COMMAND, *arguments], stdin=data, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr == b"error: standard input or output: No space left on device\n"


@pytest.mark.skipif(os.name == "nt", reason="no shell that closes streams there")
def test_streams_that_were_closed_before_the_start(here, photo, model_file):
    def shell(words: str, closed: str) -> subprocess.CompletedProcess[bytes]:
        line = f"{shlex.join(COMMAND)} denoise {words} -m {shlex.quote(str(model_file))} {closed}"
        return subprocess.run(["sh", "-c", line], capture_output=True, check=False)

    done = shell("photo.png", ">&-")
    assert (done.returncode, done.stderr, Path("photo.denoised.png").is_file()) == (0, b"", True)
    for closed in (">&- < photo.png", "<&-"):
        done = shell("-", closed)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"error: - needs stdin and stdout, and one of them is closed")


def test_ctrl_c_while_an_extension_module_is_imported(degrain, monkeypatch):
    def imported(*_: object) -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    monkeypatch.setattr("degrain.denoisers.zoo.list_models", imported)
    done = degrain("models")
    assert (done.code, done.out, done.err) == (130, "", "interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c_exits_with_130(here, model_file):
    code = (  # a shell that runs tests in the background ignores the signal, and so would they
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from degrain.cli.main import main; main()"
    )
    command = [sys.executable, "-c", code, "denoise", "-", "-m", str(model_file)]
    process = subprocess.Popen(command, **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE))
    with process:
        process.stdin.write(bytes(1_000_000))  # more than a pipe holds: once it is through, the command is reading
        process.stdin.flush()
        time.sleep(0.5)  # for the rest, so that it waits for more
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr.read().strip() == b"interrupted"
        assert process.stdout.read() == b""


def test_nothing_of_a_bar_where_stderr_is_no_terminal(here, save_noisy, model_file, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    photo = save_noisy(here / "photo.png", height=200, width=200)
    code = "import degrain.cli.progress as p, degrain.cli.main as m; p.PATIENCE = -1; m.main()"
    command = [sys.executable, "-c", code, "denoise", str(photo), "-m", str(model_file), "--tile", "96"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
