"""The real library on a real message bus: with a desktop, with nobody who shows anything, and with no bus at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lablink_dpg.notify.desktop import Desktop
from lablink_dpg.notify.library import APP_NAME, SHOWN_S
from lablink_dpg.notify.message import Message
from tests.support.message_bus import Shown, bus, desktop_on

URGENT, PLAIN = Message("Critical: too hot", "load_1", is_urgent=True), Message("Health warning: scope", "61 of 100")


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < end, "not in time"
        await asyncio.sleep(0.005)


@pytest.fixture
def _no_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a machine that nobody is logged in to."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")


def test_messages_reach_the_desktop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(address: str) -> list[Shown]:
        async with desktop_on(address) as notifications:
            desktop = Desktop()
            for message in (URGENT, PLAIN):
                assert desktop.send(message)
            await until(lambda: len(notifications.shown) == 2)
            assert await asyncio.to_thread(desktop.stop)
            return notifications.shown

    with bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        shown = asyncio.run(scenario(address))
    assert shown == [
        Shown(APP_NAME, URGENT.title, URGENT.text, 2, -1),
        Shown(APP_NAME, PLAIN.title, PLAIN.text, 1, SHOWN_S * 1000),
    ]
    assert caplog.records == []


def test_a_desktop_that_comes_later_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(address: str) -> int:
        desktop = Desktop()
        for _ in range(2):
            desktop.send(PLAIN)
        await until(lambda: not desktop._waiting)
        async with desktop_on(address) as notifications:
            desktop.send(URGENT)
            await until(lambda: notifications.shown)
            assert await asyncio.to_thread(desktop.stop)
            return len(notifications.shown)

    with bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert asyncio.run(scenario(address)) == 1
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("this desktop shows no notifications: ")


@pytest.mark.usefixtures("_no_bus")
def test_without_a_bus_there_is_one_line_and_nothing_else(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    desktop = Desktop()
    for _ in range(3):
        assert desktop.send(URGENT)
    asyncio.run(until(lambda: not desktop._waiting))
    assert desktop.stop()
    assert len(caplog.records) == 1
    assert caplog.records[0].name == "lablink_dpg.notify.desktop"
    assert caplog.records[0].exc_info is None
    assert capfd.readouterr() == ("", "")
