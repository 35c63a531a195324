"""Training never waits for the thread; what falls behind is dropped, oldest first."""

import itertools
import threading
import time
from threading import Event

from degrain.training.background import Background


class Slow:
    """Work that waits, with every item, until it may go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()
        self.handled: list[int] = []

    def __call__(self, item: int) -> None:
        self.begun.set()
        self.go_on.wait()
        self.handled.append(item)


def test_the_oldest_are_dropped_while_the_thread_is_busy() -> None:
    slow = Slow()
    work = Background(slow, size=2)
    work.offer(0)
    slow.begun.wait()
    for item in range(1, 6):
        work.offer(item)  # would hang here for ever if it waited
    slow.go_on.set()
    work.close(finish=True)
    assert slow.handled == [0, 4, 5]


def test_it_rests_between_items_and_takes_the_newest_then() -> None:
    begun: list[tuple[int, float]] = []
    work = Background[int](lambda item: begun.append((item, time.monotonic())), size=1, rest=0.2)
    for item in range(50):
        work.offer(item)
        time.sleep(0.01)
    work.close(finish=True)
    items, times = zip(*begun, strict=True)
    assert items[-1] == 49
    assert len(items) < 10
    assert all(later - earlier >= 0.2 for earlier, later in itertools.pairwise(times[:-1]))


def test_closing_ends_the_rest() -> None:
    work = Background[int](lambda item: None, rest=60)
    work.offer(0)
    before = time.monotonic()
    work.close(finish=True)
    assert time.monotonic() - before < 10


def test_closing_without_finishing_ends_after_the_item_in_hand() -> None:
    slow = Slow()
    work = Background(slow)
    work.offer(0)
    slow.begun.wait()
    work.offer(1)
    closing = threading.Thread(target=work.close, args=(False,))
    closing.start()
    while work._waiting:  # until the queue has been emptied
        pass
    slow.go_on.set()
    closing.join()
    assert slow.handled == [0]


def test_an_error_is_kept_and_later_offers_do_no_harm() -> None:
    work = Background(lambda item: [][item])
    for item in range(5):
        work.offer(item)
    work.close(finish=True)
    work.offer(5)
    assert isinstance(work.error, IndexError)


def test_no_thread_is_left() -> None:
    before = set(threading.enumerate())
    work = Background(print)
    assert set(threading.enumerate()) > before
    work.close(finish=True)
    assert set(threading.enumerate()) == before
