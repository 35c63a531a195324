"""Training never waits for the thread; what falls behind is dropped, oldest first."""

import threading
from threading import Event

from degrain.training.background import Background


def test_the_oldest_are_dropped_while_the_thread_is_busy() -> None:
    begun, go_on = Event(), Event()
    handled: list[int] = []

    def slow(item: int) -> None:
        begun.set()
        go_on.wait()
        handled.append(item)

    work = Background(slow, size=2)
    work.offer(0)
    begun.wait()
    for item in range(1, 6):
        work.offer(item)  # would hang here for ever if it waited
    go_on.set()
    work.close(finish=True)
    assert handled == [0, 4, 5]


def test_closing_without_finishing_ends_after_the_item_in_hand() -> None:
    begun, go_on = Event(), Event()
    handled: list[int] = []

    def slow(item: int) -> None:
        begun.set()
        go_on.wait()
        handled.append(item)

    work = Background(slow)
    work.offer(0)
    begun.wait()
    work.offer(1)
    closing = threading.Thread(target=work.close, args=(False,))
    closing.start()
    while work._waiting:  # until the queue has been emptied
        pass
    go_on.set()
    closing.join()
    assert handled == [0]


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
