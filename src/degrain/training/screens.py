"""Where live frames are seen: in the notebook cell that trains, or as files in the run's folder."""

import sys
from collections import deque
from pathlib import Path
from typing import Any, Protocol

from degrain import lazy
from degrain.storage.atomic import make_folder, whole_file

PAGE = """<!doctype html>
<meta charset="utf-8">
<title>degrain train</title>
<style>body { margin: 2em; background: #fff } img { max-width: 100% }</style>
<img id="live" src="live.png" alt="clean, noisy and denoised picture of the newest batch shown, and the loss so far">
<script>
  const live = document.getElementById("live");
  setInterval(() => { live.src = "live.png?" + Date.now() }, 2000);
</script>
<noscript><meta http-equiv="refresh" content="2"></noscript>
"""


class Screen(Protocol):
    """Shows one PNG at a time, the newest."""

    def show(self, png: bytes) -> None:
        """Take a new frame; any thread may call."""
        ...

    def refresh(self) -> None:
        """Called by the training thread now and then, for screens that only it may touch."""
        ...


class FolderScreen:
    """``live.png``, replaced whole, and ``live.html``, a page that shows it and keeps up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def show(self, png: bytes) -> None:
        """Write the frame, and the page if there is none yet."""
        make_folder(self.folder)
        _write(self.folder / "live.png", png)
        if not (self.folder / "live.html").exists():
            _write(self.folder / "live.html", PAGE.encode())

    def refresh(self) -> None:
        """Files need no particular thread."""


class NotebookScreen:
    """The output of a notebook cell, updated in place. IPython is only spoken to by the training thread."""

    def __init__(self) -> None:
        self._newest: deque[bytes] = deque(maxlen=1)
        self._handle: Any = None  # IPython's, once there is something to see

    def show(self, png: bytes) -> None:
        """Keep the frame until the training thread comes by."""
        self._newest.append(png)

    def refresh(self) -> None:
        """Show the newest frame if it has not been seen."""
        if not self._newest:
            return
        image = lazy.load("IPython.display:Image")(data=self._newest.pop(), format="png")
        if self._handle is None:
            self._handle = lazy.load("IPython.display:display")(image, display_id=True)
        else:
            self._handle.update(image)


def screen_for(folder: Path) -> Screen:
    """The notebook where there is one, else files in the folder."""
    ipython = sys.modules.get("IPython")  # a kernel has imported it long ago
    shell = ipython.get_ipython() if ipython else None
    return NotebookScreen() if hasattr(shell, "kernel") else FolderScreen(folder)


def _write(path: Path, content: bytes) -> None:
    with whole_file(path, overwrite=True) as file:
        file.write(content)
