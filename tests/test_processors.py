"""A stress run's simulator is kept off the client's processors where there are few."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from lablink_dpg.processors import FEW, apart_from, split


@pytest.mark.parametrize("usable", [set(), {0}, set(range(FEW + 1)), set(range(64))])
def test_one_processor_and_many_are_left_alone(usable: set[int]) -> None:
    assert split(usable) is None


@pytest.mark.parametrize("usable", [{0, 1}, {3, 7}, {1, 2, 5}])
def test_few_are_divided_without_a_rest(usable: set[int]) -> None:
    parts = split(usable)
    assert parts is not None
    client, simulator = parts
    assert client | simulator == usable
    assert not client & simulator
    assert len(simulator) == 1
    assert client


@pytest.mark.skipif(sys.platform != "linux", reason="processors are chosen on Linux only")
@pytest.mark.parametrize("is_drawing", [False, True])
def test_this_thread_and_its_own_are_apart_from_a_process_until_the_end(is_drawing: bool) -> None:
    usable = os.sched_getaffinity(0)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    seen: list[set[int]] = []
    try:
        with apart_from(child.pid, is_drawing=is_drawing):
            thread = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
            thread.start()
            thread.join()
            theirs = os.sched_getaffinity(child.pid)
        parts = split(usable)
        if parts is None:
            assert seen == [usable]
            assert theirs == usable
        else:
            assert seen == [usable if is_drawing else parts[0]]
            assert theirs == parts[1]
        assert os.sched_getaffinity(0) == usable
    finally:
        child.communicate(b"\n")


@pytest.mark.skipif(sys.platform != "linux", reason="processors are chosen on Linux only")
def test_a_process_that_is_gone_is_no_error() -> None:
    usable = os.sched_getaffinity(0)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    with apart_from(child.pid, is_drawing=False):
        pass
    assert os.sched_getaffinity(0) == usable
