"""The command that makes the tables of docs/benchmarks.md, on small pictures and a small network."""

import json
import re
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from degrain.denoisers.zoo import open_denoiser
from degrain.evaluation.benchmark import Benchmark
from degrain.evaluation.rows import summarise
from degrain.noise.table import parse
from degrain.sources.folder import Folder

FORMS = ("gaussian:sigma={}", "gaussian:sigma={}+quantise:bits=8")


@pytest.fixture
def place(tmp_path, monkeypatch, save_noisy, network) -> Path:
    """A model, and two pictures in BSD68 and in CBSD68."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    monkeypatch.setenv("DEGRAIN_DATA", str(tmp_path))
    for seed in range(2):
        save_noisy(tmp_path / f"test/CBSD68/{seed}.png", seed)
        (tmp_path / "test/BSD68").mkdir(exist_ok=True)
        Image.open(tmp_path / f"test/CBSD68/{seed}.png").convert("L").save(tmp_path / f"test/BSD68/{seed}.png")
    (tmp_path / "mine.onnx").write_bytes(network)
    return tmp_path


def make(place: Path, *options: str, sets: tuple[str, ...] = ("BSD68",)) -> str:
    """What the command prints."""
    files = ["--model", place / "mine.onnx", "--plot", place / "plot.png", "--runs", place / "runs"]
    printed = StringIO()
    with redirect_stdout(printed):
        import_module("tables").main([str(word) for word in (*files, "--sets", *sets, *options)])
    return printed.getvalue()


def quality(place: Path, *options: str) -> str:
    """The quality tables alone."""
    if "--methods" not in options:
        options = (*options, "--methods", "noisy", "mine")
    return make(place, "--parts", "quality", *options)


def kept(place: Path) -> list[str]:
    """The rows, a line each."""
    return (place / "runs/rows.jsonl").read_text().strip().split("\n")


def figures(document: str, name: str) -> list[list[str]]:
    """The cells of each row of that name."""
    return [row.split(" | ") for row in re.findall(rf"^\| {name} \| (.*) \|$", document, re.MULTILINE)]


@pytest.mark.parametrize("told", [True, False])
def test_the_figures_are_those_of_the_benchmark(place, told):
    [cells] = figures(quality(place), "mine" if told else "mine, blind")
    for form, cell in zip([form.format(sigma) for form in FORMS for sigma in (15, 25, 50)], cells, strict=True):
        sigma = float(re.search(r"\d+", form)[0]) if told else 0
        benchmark = Benchmark({"mine": open_denoiser(place / "mine.onnx")}, sigma=sigma)
        _, one = summarise(benchmark.run(Folder(place / "test/BSD68").items(), {form: parse(form)}))
        assert cell == f"{one.values['psnr']:.2f} / {one.values['ssim']:.4f}"


def test_eight_bit_noise_is_clipped_and_rounded(place):
    quality(place)
    rows = [json.loads(line)[1]["row"] for line in kept(place)]
    noisy = {(row["picture"], row["noise"]): row["values"]["psnr"] for row in rows if row["model"] == "noisy"}
    clean = np.asarray(Image.open(place / "test/BSD68/1.png"), np.float32)
    drawn = clean + 50 * np.random.default_rng([0, 1]).standard_normal(clean.shape, np.float32)
    expected = 10 * np.log10(255**2 / np.mean((np.rint(np.clip(drawn, 0, 255)) - clean) ** 2))
    assert noisy["1.png", FORMS[1].format(50)] == pytest.approx(expected, abs=1e-3)


def test_nothing_is_measured_twice_and_what_was_cut_off_is_measured_again(place):
    made, whole = quality(place), kept(place)
    quality(place)
    assert kept(place) == whole
    (place / "runs/rows.jsonl").write_text("\n".join(["", *whole[:-5], whole[-5][:40]]))
    assert quality(place) == made
    assert len(kept(place)) == len(whole) + 1  # the broken line stays, and harms nobody


def test_a_changed_model_is_measured_again_and_nothing_else(place, make_network):
    before, count = quality(place), len(kept(place))
    (place / "mine.onnx").write_bytes(make_network(seed=1))
    after = quality(place)
    assert figures(after, "mine") != figures(before, "mine")
    assert figures(after, "noisy") == figures(before, "noisy")
    assert len(kept(place)) == count + 2 * 2 * 6  # pictures, told or blind, noises


def test_fresh_forgets_what_is_asked_for(place):
    made, count = quality(place), len(kept(place))
    lines = (place / "runs/rows.jsonl").read_text()
    (place / "runs/rows.jsonl").write_text(re.sub(r'"psnr": [\d.]+', '"psnr": 1.0', lines))
    assert figures(quality(place), "noisy")[0][0].startswith("1.00")
    again = quality(place, "--fresh", "--methods", "noisy")
    assert figures(again, "noisy") == figures(made, "noisy")
    assert figures(again, "mine")[0][0].startswith("1.00")
    assert len(kept(place)) == count


def test_one_table_holds_only_what_was_measured_on_the_same_pictures(place):
    first = quality(place, "--most", "1", "--methods", "noisy", "mine")
    assert "1 of 2 pictures" in first
    both = quality(place, "--methods", "noisy")
    all_pictures, shared = both.split("1 of 2 pictures")
    assert "2 pictures" in all_pictures
    assert not figures(all_pictures, "mine")
    assert figures(shared, "noisy") == figures(first, "noisy") != figures(all_pictures, "noisy")
    assert figures(shared, "mine") == figures(first, "mine")


def test_a_model_that_takes_no_level_is_blind_only(place, make_network):
    (place / "mine.onnx").write_bytes(make_network(wants_level=False))
    made = quality(place)
    assert figures(made, "mine, blind")
    assert not figures(made, "mine")


def test_the_worst_picture_is_in_the_json(place):
    quality(place)
    rows = json.loads((place / "runs/BSD68.json").read_text())["rows"]
    assert {row["model"] for row in rows} == {"noisy", "mine"}
    assert all(row["worst_psnr"] <= row["psnr"] and row["set"] == "BSD68" for row in rows)


def test_cost_counts_times_of_this_machine_alone(place):
    options = ("--parts", "cost", "--methods", "mine", "--threads", "1")
    made = make(place, *options, sets=("BSD68", "CBSD68"))
    [[gray, colour, megabytes]] = figures(made, "mine")
    assert float(gray) > 0
    assert float(colour) > 0
    assert 30 < float(megabytes) < 3000
    assert "networks on 1; onnxruntime" in made
    with Image.open(place / "plot.png") as plot:
        assert plot.size == (1600, 640)  # two panels
    count = len(kept(place))
    make(place, *options)
    assert len(kept(place)) == count
    (place / "runs/rows.jsonl").write_text("\n".join(["", *kept(place)]).replace("networks on 1", "networks on 9"))
    make(place, *options)
    assert len(kept(place)) == count + 2  # BSD68 anew


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--methods", "nobody"], "no method is called nobody"),
        (["--model", "mine.onnx", "other/mine.onnx"], "two models are called mine"),
        (["--sets", "Kodak24"], "Kodak24"),
    ],
)
def test_what_cannot_be_done_is_said(place, monkeypatch, options, words):
    monkeypatch.chdir(place)
    Path("other").mkdir()
    Path("other/mine.onnx").write_bytes(Path("mine.onnx").read_bytes())
    with pytest.raises(SystemExit, match=words):
        make(place, *options)
