"""Threads: work in its order, the last to have worked first, nothing lost at the end."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from functools import partial

import pytest

from mockserver.imaging.threads import Threads


@pytest.fixture
def threads() -> Iterator[Threads]:
    three = Threads(3, "test")
    yield three
    three.close()


def occupy(threads: Threads, count: int) -> tuple[threading.Event, list["Future[int]"]]:
    """Keep threads at work until the event is set, return once they are; each tells its name."""
    begun, end = threading.Barrier(count + 1), threading.Event()

    def work() -> int:
        begun.wait()
        end.wait()
        return threading.get_ident()

    tasks = [threads.submit(work) for _ in range(count)]
    begun.wait()
    return end, tasks


def test_all_work_at_the_same_time(threads: Threads) -> None:
    end, tasks = occupy(threads, 3)
    end.set()
    assert len({task.result() for task in tasks}) == 3


def rest(threads: Threads, count: int) -> None:
    """Return once so many are idle, which comes a moment after the result of their work."""
    while len(threads._idle) < count:
        pass


def used_next(threads: Threads) -> int:
    """The thread that is used when all are idle."""
    rest(threads, 3)
    return threads.submit(threading.get_ident).result()


@pytest.mark.parametrize("last", [0, 1, 2])
def test_the_last_that_worked_works_next(threads: Threads, last: int) -> None:
    held = [occupy(threads, 1) for _ in range(3)]
    held.append(held.pop(last))
    for idle, (end, _) in enumerate(held, 1):
        end.set()
        rest(threads, idle)
    (latest,) = held[-1][1]
    assert [used_next(threads) for _ in range(10)] == [latest.result()] * 10


def test_what_waits_is_taken_in_its_order(threads: Threads) -> None:
    others, _ = occupy(threads, 2)
    last, _ = occupy(threads, 1)
    order: list[int] = []
    tasks = [threads.submit(partial(order.append, number)) for number in range(20)]
    last.set()
    wait(tasks)
    others.set()
    assert order == list(range(20))


def test_a_failure_is_the_caller_s_and_the_thread_goes_on(threads: Threads) -> None:
    def fail() -> None:
        raise KeyError("mine")

    tasks = [threads.submit(fail) for _ in range(6)]
    assert [repr(task.exception()) for task in tasks] == ["KeyError('mine')"] * 6
    assert threads.submit(lambda: 5).result() == 5


def test_what_was_cancelled_is_left_out(threads: Threads) -> None:
    end, others = occupy(threads, 3)
    done: list[int] = []
    given_up = threads.submit(lambda: done.append(1))
    assert given_up.cancel()
    end.set()
    wait(others)
    threads.submit(lambda: done.append(2)).result()
    assert done == [2]


def test_closed_threads_finish_what_runs_and_drop_what_waits(threads: Threads) -> None:
    end, running = occupy(threads, 3)
    waiting = threads.submit(lambda: 5)
    waiting.add_done_callback(lambda _: end.set())
    threads.close()
    assert waiting.cancelled()
    assert len({task.result() for task in running}) == 3
    with pytest.raises(RuntimeError, match="closed"):
        threads.submit(lambda: 5)
