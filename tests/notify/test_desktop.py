"""The thread that asks the desktop: never in the way, whatever the desktop does."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable

import pytest

from lablink_dpg.notify import desktop
from lablink_dpg.notify.desktop import MAX_WAITING, Backend, Desktop
from lablink_dpg.notify.message import Message

AT_ONCE_S = 0.5  # of a machine that is busy with other things
HELLO = Message("hello", "world")


class FakeBackend:
    """Shows messages at once, never, or fails."""

    def __init__(self, *, hangs: bool = False, fails: int = 0) -> None:
        self.shown: list[Message] = []
        self.threads: set[str] = set()
        self.connected = self.closed = 0
        self._hangs, self.fails = hangs, fails
        self.is_asked = threading.Event()

    async def connect(self) -> Backend:
        self.connected += 1
        return self

    async def send(self, message: Message) -> None:
        self.threads.add(threading.current_thread().name)
        self.is_asked.set()
        if self._hangs:
            await asyncio.sleep(3600)
        if self.fails:
            self.fails -= 1
            raise OSError("nobody there")
        self.shown.append(message)

    def close(self) -> None:
        self.closed += 1


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.005)


def test_messages_are_shown_in_order_by_one_thread_over_one_connection() -> None:
    backend = FakeBackend()
    shown = Desktop(backend.connect)
    messages = [Message(str(number), "") for number in range(12)]
    for number, message in enumerate(messages):
        assert shown.send(message)
        until(lambda number=number: len(backend.shown) > number)
    assert backend.shown == messages
    assert backend.threads == {"notify"}
    assert shown.stop()
    assert (backend.connected, backend.closed) == (1, 1)


def test_without_a_message_there_is_no_thread_and_no_library() -> None:
    before = threading.active_count()
    quiet = Desktop()
    assert threading.active_count() == before
    assert quiet.stop()
    assert not quiet.send(HELLO), "it has ended"


def test_a_desktop_that_does_not_answer_costs_the_caller_nothing() -> None:
    backend = FakeBackend(hangs=True)
    waiting = Desktop(backend.connect)
    started = time.monotonic()
    taken = [waiting.send(HELLO) for _ in range(1000)]
    assert time.monotonic() - started < AT_ONCE_S
    assert taken.count(True) == MAX_WAITING
    assert waiting.dropped == 1000 - MAX_WAITING
    assert backend.is_asked.wait(20.0)
    started = time.monotonic()
    assert waiting.stop()
    assert time.monotonic() - started < AT_ONCE_S
    assert backend.closed == 1


def test_a_desktop_that_hangs_is_given_up_and_the_next_message_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "SEND_S", 0.05)
    hanging, good = FakeBackend(hangs=True), FakeBackend()
    backends = [hanging, good]
    both = Desktop(lambda: backends.pop(0).connect())
    both.send(HELLO)
    both.send(HELLO)
    until(lambda: good.shown)
    assert hanging.closed == 1
    assert both.stop()


def test_failures_are_told_once_and_a_desktop_that_comes_back_is_used(caplog: pytest.LogCaptureFixture) -> None:
    backend = FakeBackend(fails=3)
    shown = Desktop(backend.connect)
    for _ in range(4):
        shown.send(HELLO)
    until(lambda: backend.shown)
    assert shown.stop()
    assert [record.getMessage() for record in caplog.records] == ["this desktop shows no notifications: nobody there"]
    assert (backend.connected, backend.closed) == (4, 4)


def test_a_missing_library_is_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)
    monkeypatch.delitem(sys.modules, "lablink_dpg.notify.library", raising=False)
    without = Desktop()
    without.send(HELLO)
    without.send(HELLO)
    until(lambda: caplog.records and not without._waiting)
    assert without.stop()
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING
    assert "desktop_notifier" in caplog.records[0].getMessage()


def test_a_thread_that_cannot_be_ended_does_not_hold_the_end() -> None:
    release = threading.Event()

    class Stuck(FakeBackend):
        async def send(self, message: Message) -> None:
            self.is_asked.set()
            release.wait(30.0)  # as a call into the system that does not return

    backend = Stuck()
    stuck = Desktop(backend.connect)
    stuck.send(HELLO)
    assert backend.is_asked.wait(20.0)
    assert not stuck.stop(0.05)
    release.set()
    until(lambda: stuck._thread is not None and not stuck._thread.is_alive())
