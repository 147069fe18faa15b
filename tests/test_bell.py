"""Tests of lablink_dpg.bell: a rest ends when it is rung, when there is something to read, or in time."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from lablink_dpg.bell import Bell

LONG_S = 30.0  # nobody waits for it: a rest that is not ended fails by the test's own limit


@pytest.fixture
def bell() -> Iterator[Bell]:
    bell = Bell()
    yield bell
    bell.close()


def is_ended_early(bell: Bell, *descriptors: int, limit_s: float = LONG_S) -> bool:
    began_s = time.monotonic()
    bell.rest(limit_s, *descriptors)
    return time.monotonic() - began_s < limit_s / 2


def test_a_ring_of_another_thread_ends_the_rest(bell: Bell) -> None:
    bell.rest(0)
    ringing = threading.Timer(0.05, bell.ring)
    ringing.start()
    assert is_ended_early(bell)
    ringing.join()


def test_what_was_rung_before_is_not_slept_over_and_rung_often_counts_once(bell: Bell) -> None:
    bell.ring()
    assert is_ended_early(bell), "before the first rest of all"
    for _ in range(100_000):
        bell.ring()
    assert is_ended_early(bell)
    assert not is_ended_early(bell, limit_s=0.05), "there is nothing more"


def test_something_to_read_ends_the_rest_and_is_left_there(bell: Bell) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"x")
        assert is_ended_early(bell, ours.fileno())
        assert ours.recv(2) == b"x"


def test_no_ring_is_lost_however_threads_meet(bell: Bell) -> None:
    """Whoever rings has counted before: the last rest ends after the last count."""
    counts = [0, 0, 0]

    def work(number: int) -> None:
        for _ in range(2000):
            counts[number] += 1
            bell.ring()
            if counts[number] % 50 == 0:
                os.sched_yield()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(counts))]
    for thread in threads:
        thread.start()
    while sum(counts) < 2000 * len(counts):
        assert is_ended_early(bell), "rung after the count, so never slept over"
    for thread in threads:
        thread.join()


def test_ringing_a_closed_one_is_harmless() -> None:
    bell = Bell()
    bell.rest(0)
    bell.close()
    bell.ring()
    Bell().close()


def test_a_rest_ends_by_a_descriptor_of_any_number() -> None:
    resource = pytest.importorskip("resource", reason="there are no such numbers on Windows")
    many = 1100
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, many + 200), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(many)]
    bell = Bell()
    try:
        bell.rest(0.0)
        bell.ring()
        bell.rest(10.0)
        reader, writer = os.pipe()
        opened += [reader, writer]
        assert reader > 1024
        os.write(writer, b"!")
        bell.rest(10.0, reader)
    finally:
        bell.close()
        for each in opened:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
