"""Tests of signals that wait until what must not be broken off is done."""

from __future__ import annotations

import signal
import threading

import pytest

from lablink_dpg import interrupts


@pytest.mark.parametrize("number", interrupts.SIGNALS)
def test_a_signal_comes_when_all_of_it_is_done(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in interrupts.SIGNALS]
    done = []

    def work() -> None:
        with interrupts.held():
            signal.raise_signal(number)
            done.append("the rest")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["the rest"]
    assert [signal.getsignal(each) for each in interrupts.SIGNALS] == before


def test_without_one_nothing_happens_and_what_was_raised_is_raised() -> None:
    before = [signal.getsignal(each) for each in interrupts.SIGNALS]
    with interrupts.held():
        pass
    with pytest.raises(ValueError, match="of ours"), interrupts.held():
        raise ValueError("of ours")
    assert [signal.getsignal(each) for each in interrupts.SIGNALS] == before


def test_another_thread_may_ask_for_it() -> None:
    done = []

    def run() -> None:
        with interrupts.held():
            done.append("here")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == ["here"]
