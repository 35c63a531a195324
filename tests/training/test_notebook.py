"""In a real Jupyter kernel the views update one output in place."""

import base64
from pathlib import Path

import nbformat
import pytest

nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

TRAIN = """
import threading, warnings
warnings.simplefilter("ignore")
from degrain.training.run import train
folder = train({overrides!r})
"""
LEFT = """
import sys
pyplot = sys.modules.get("matplotlib.pyplot")
print(*(thread.name for thread in threading.enumerate() if "degrain" in thread.name))
print(*(pyplot.get_fignums() if pyplot else []))
"""


class Watching(nbclient.NotebookClient):
    """Notes each picture that the kernel sends."""

    def process_message(self, message, cell, index):  # type: ignore[no-untyped-def]
        if message["msg_type"] in ("display_data", "update_display_data"):
            content = message["content"]
            self.pictures.append(
                (message["msg_type"], content["transient"]["display_id"], content["data"]["image/png"])
            )
        return super().process_message(message, cell, index)


@pytest.fixture(scope="module")
def notebook(tiny: list[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[nbformat.NotebookNode, list, Path]:
    folder = tmp_path_factory.mktemp("notebook")
    runs = [
        [*tiny, f"run_dir={folder / 'batch'}", "trainer.live=batch", "trainer.max_steps=3"],
        [*tiny, f"run_dir={folder / 'async'}", "trainer.live=async", "trainer.live_every=2", "trainer.max_steps=12"],
    ]
    sources = [*(TRAIN.format(overrides=overrides) for overrides in runs), LEFT]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = Watching(book, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.pictures = []
    client.execute()
    return book, client.pictures, folder


def test_every_batch_updates_the_same_output(notebook) -> None:  # type: ignore[no-untyped-def]
    book, pictures, _ = notebook
    first = [picture for picture in pictures if picture[1] == pictures[0][1]]
    assert [kind for kind, _, _ in first] == ["display_data", "update_display_data", "update_display_data"]
    assert len({png for _, _, png in first}) == 3
    (output,) = book.cells[0].outputs
    assert output.data["image/png"] == first[-1][2]


def test_the_background_view_ends_on_the_newest_frame(notebook) -> None:  # type: ignore[no-untyped-def]
    book, pictures, _ = notebook
    second = [picture for picture in pictures if picture[1] != pictures[0][1]]
    assert len({name for _, name, _ in second}) == 1
    assert [kind for kind, _, _ in second].count("display_data") == 1
    assert base64.b64decode(second[-1][2]).startswith(b"\x89PNG")
    (output,) = book.cells[1].outputs
    assert output.data["image/png"] == second[-1][2]


def test_nothing_is_left_behind(notebook) -> None:  # type: ignore[no-untyped-def]
    book, _, folder = notebook
    (output,) = book.cells[2].outputs
    assert output.text.split() == []
    assert not list(folder.glob("*/live.*"))
