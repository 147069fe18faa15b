"""The network thread lets a frame finish, and never waits for one for long."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from lablink_dpg.turn import SWITCH_INTERVAL_S, FrameTurn, short_turns, work_in_the_background


def test_without_a_frame_nobody_waits() -> None:
    turn = FrameTurn()
    with turn.frame():
        pass
    turn.wait()  # would hang the test if the turn were still taken, were it not bounded
    assert turn._is_free.is_set()


def test_a_message_waits_until_the_frame_is_prepared() -> None:
    turn, order, is_waiting = FrameTurn(), [], threading.Event()

    def network() -> None:
        is_waiting.set()
        turn.wait()
        order.append("message")

    with turn.frame():
        thread = threading.Thread(target=network)
        thread.start()
        is_waiting.wait()
        order.append("frame")
    thread.join()
    assert order == ["frame", "message"]


def test_a_frame_that_never_ends_holds_nobody_up() -> None:
    turn = FrameTurn()
    with turn.frame():
        thread = threading.Thread(target=turn.wait)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


def test_a_slow_frame_holds_up_the_network_once_and_not_for_every_message() -> None:
    turn, waits = FrameTurn(), []

    class Counted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return super().wait(timeout)

    turn._is_free = Counted()

    def messages() -> None:
        for _ in range(100):
            turn.wait()

    with turn.frame():
        thread = threading.Thread(target=messages)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
    assert len(waits) <= 2  # the second, if the clock and the lock disagree by a hair


def test_a_frame_that_fails_gives_its_turn_back() -> None:
    turn = FrameTurn()
    try:
        with turn.frame():
            raise RuntimeError
    except RuntimeError:
        pass
    assert turn._is_free.is_set()


def test_turns_are_short_while_asked_for_and_as_before_afterwards() -> None:
    before = sys.getswitchinterval()
    with short_turns():
        assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL_S)  # kept in whole microseconds
    assert sys.getswitchinterval() == pytest.approx(before)


@pytest.mark.skipif(sys.platform != "linux", reason="the scheduler's policies are Linux's")
def test_background_work_keeps_its_share_and_gives_way() -> None:
    policies = []

    def background() -> None:
        work_in_the_background()
        policies.append(os.sched_getscheduler(0))

    thread = threading.Thread(target=background)
    thread.start()
    thread.join()
    assert policies == [os.SCHED_BATCH]
    assert os.sched_getscheduler(0) != os.SCHED_BATCH
