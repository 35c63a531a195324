"""Work that training never waits for: one thread and a short queue that drops its oldest entry."""

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Background(Generic[Item]):
    """A thread that handles what it is offered, in order; when it falls behind, the oldest offers are dropped.

    Args:
        handle: called in the thread with each item. Its first error ends the work and is kept in ``error``.
        size: how many items may wait.
        rest: seconds from the end of one item to the next, so that the thread leaves the processor to training.
    """

    def __init__(self, handle: Callable[[Item], None], size: int = 2, rest: float = 0.0) -> None:
        self.error: Exception | None = None
        self._handle, self._rest, self._open = handle, rest, True
        self._waiting: deque[Item] = deque(maxlen=size)
        self._news = Condition()
        self._thread = Thread(target=self._work, name="degrain-background", daemon=True)
        self._thread.start()

    def offer(self, item: Item) -> None:
        """Hand over an item; returns at once."""
        with self._news:
            self._waiting.append(item)
            self._news.notify()

    def close(self, finish: bool) -> None:
        """End the thread, after what still waits or, unless ``finish``, after the item in hand."""
        with self._news:
            self._open = False
            if not finish:
                self._waiting.clear()
            self._news.notify()
        self._thread.join()

    def _work(self) -> None:
        try:
            while (item := self._next()) is not None:
                self._handle(item)
                with self._news:
                    self._news.wait_for(lambda: not self._open, self._rest)
        except Exception as error:  # raised where it can be seen: by whoever closes
            self.error = error

    def _next(self) -> Item | None:
        """Wait for an item; None when closed and empty."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or not self._open)
            return self._waiting.popleft() if self._waiting else None
