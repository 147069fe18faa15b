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


def test_what_goes_wrong_meanwhile_does_not_hide_a_signal() -> None:
    def work() -> None:
        with interrupts.held():
            signal.raise_signal(signal.SIGINT)
            raise ImportError("half of it")

    with pytest.raises(KeyboardInterrupt) as caught:
        work()
    assert isinstance(caught.value.__cause__, ImportError)


def test_the_second_signal_ends_what_hangs() -> None:
    before = [signal.getsignal(each) for each in interrupts.SIGNALS]
    done = []

    def work() -> None:
        with interrupts.held():
            signal.raise_signal(signal.SIGTERM)
            done.append("first")
            signal.raise_signal(signal.SIGINT)
            done.append("second")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["first"]
    assert [signal.getsignal(each) for each in interrupts.SIGNALS] == before


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts.held():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
