"""A critical alarm of a real server reaches the desktop while nobody sees a window: none is there, or minimised."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from lablink_dpg.model.exit_code import ExitCode
from lablink_dpg.sim.process import SimProcess
from tests.gui.desktop import Desktop
from tests.support.message_bus import Notifications, bus, desktop_on
from tests.system.faults.test_minimised import window_of
from tests.system.running import LIMIT_S, start

NAME = "Load far too warm"


@pytest.fixture
def simulator() -> Iterator[SimProcess]:
    with SimProcess() as running:  # the demo, whose load draws 1.5 A
        yield running


@pytest.fixture
def bus_address(tmp_path: Path) -> Iterator[str]:
    with bus(tmp_path) as address:
        yield address


def raise_alarm(server: str, severity: str) -> None:
    """Have an alarm rise within a tenth of a second."""
    load = next(each for each in httpx.get(f"{server}/api/equipment/list").json() if each["type"] == "electronic_load")
    fields = {"name": NAME, "equipment_id": load["id"], "parameter": "current", "condition": "greater_than"}
    answer = httpx.post(f"{server}/api/alarms/create", json={**fields, "severity": severity, "threshold": 0.5})
    assert answer.status_code == 200


async def until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, "not in time"
        assert process.poll() is None, "the program has ended"
        await asyncio.sleep(0.01)


def end(process: subprocess.Popen[str]) -> str:
    process.terminate()
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == ExitCode.OK, errors
    return errors


async def alarms_on(
    simulator: SimProcess, process: subprocess.Popen[str], notifications: Notifications, severities: tuple[str, ...]
) -> None:
    for severity in severities:
        raise_alarm(simulator.url, severity)
    await until(lambda: notifications.shown, process)


def test_without_a_window(simulator: SimProcess, bus_address: str) -> None:
    """A warning before it is not told."""

    async def scenario() -> tuple[Notifications, str]:
        async with desktop_on(bus_address) as notifications:
            environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus_address}
            process = start(simulator.url, "--headless", "--notifications", environment=environment)
            try:
                await alarms_on(simulator, process, notifications, ("warning", "critical"))
                return notifications, await asyncio.to_thread(end, process)
            finally:
                process.kill()

    notifications, errors = asyncio.run(scenario())
    (shown,) = notifications.shown
    assert (shown.app, shown.title, shown.urgency) == ("LabLink", f"Critical: {NAME}", 2)
    assert shown.text.startswith("current 1.")
    assert shown.text.endswith(simulator.url.removeprefix("http://"))
    assert errors == ""


def test_while_the_window_is_minimised(
    simulator: SimProcess, bus_address: str, xvfb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", xvfb)

    async def scenario() -> Notifications:
        async with desktop_on(bus_address) as notifications:
            environment = {**os.environ, "GALLIUM_NOOP": "true", "DBUS_SESSION_BUS_ADDRESS": bus_address}
            process = start(simulator.url, environment=environment)
            try:
                window = await asyncio.to_thread(window_of, simulator.url.removeprefix("http://"))
                Desktop(window).minimise()
                await alarms_on(simulator, process, notifications, ("critical",))
                await asyncio.to_thread(end, process)
                return notifications
            finally:
                process.kill()

    assert [shown.title for shown in asyncio.run(scenario()).shown] == [f"Critical: {NAME}"]


def test_where_there_is_no_desktop_the_run_goes_on_and_ends_in_time(simulator: SimProcess, tmp_path: Path) -> None:
    """And says so once."""
    environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/nobody"}
    process = start(simulator.url, "--headless", "--notifications", environment=environment)
    try:
        raise_alarm(simulator.url, "critical")
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("lablink-dpg: warning: this desktop shows no notifications: "), line
        began = time.monotonic()
        assert end(process) == ""
        assert time.monotonic() - began < 10.0
    finally:
        process.kill()


@pytest.mark.parametrize("options", [("--headless",), ("--headless", "--no-notifications")])
def test_a_run_that_is_not_to_tell_asks_no_desktop(
    options: tuple[str, ...], simulator: SimProcess, tmp_path: Path
) -> None:
    """Where asking would be heard of."""
    environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/nobody"}
    raise_alarm(simulator.url, "critical")
    process = start(simulator.url, *options, "--duration", "2", "--report", "-", environment=environment)
    _, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, errors) == (ExitCode.OK, "")


def test_a_run_with_nothing_to_tell_does_not_even_load_the_library() -> None:
    words = "import sys, lablink_dpg.app; sys.exit('desktop_notifier' in sys.modules or 'dbus_fast' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0
