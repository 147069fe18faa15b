"""SIGINT and SIGTERM at any moment and in any state: in order, in time, without a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lablink_dpg.model.exit_code import ExitCode
from lablink_dpg.sim.process import SimProcess
from tests.system.running import LIMIT_S, REPOSITORY, start, wait_for_file

IN_TIME_S = 2.0  # from the signal to the end of the process, whatever the servers do

# As the installed program starts, but telling when Python itself has started: before that an interrupt is Python's.
STARTED = """
import sys
from lablink_dpg.__main__ import leave_on_signals, main
leave_on_signals()
print("started", flush=True)
sys.exit(main())
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_start_is_no_traceback(number: signal.Signals, delay_s: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED, "127.0.0.1:9", "--headless"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(delay_s)  # imports, settings, the first connection: any of them may be going on
        process.send_signal(number)
        sent_s = time.monotonic()
        _, errors = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    assert time.monotonic() - sent_s < IN_TIME_S
    assert process.returncode in (ExitCode.INTERRUPTED, ExitCode.OK), errors
    assert "Traceback" not in errors


def ended(
    process: subprocess.Popen[str], number: signal.Signals, meanwhile: Callable[[], None] | None = None
) -> tuple[str, float]:
    """Signal it; its standard output, and how long it took to end. ``meanwhile`` happens after that."""
    try:
        sent_s = time.monotonic()
        process.send_signal(number)
        out, errors = process.communicate(timeout=LIMIT_S)
        took_s = time.monotonic() - sent_s
    finally:
        process.kill()
        if meanwhile is not None:
            meanwhile()
    assert process.returncode == ExitCode.OK, errors
    assert "Traceback" not in errors
    return out, took_s


def log_of(path: Path, process: subprocess.Popen[str], word: str) -> None:
    """Wait until the log of the run says it."""
    end = time.monotonic() + LIMIT_S
    while word not in wait_for_file(path, process):
        assert time.monotonic() < end, f"the log never says {word!r}: {path.read_text()}"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("server", "mode", "word"),
    [
        (True, "hybrid", ": streaming"),
        (True, "polling", "polling, as chosen"),
        (False, "hybrid", "connection refused"),
    ],
    ids=["streaming", "polling", "waiting"],
)
def test_a_run_ends_in_time_from_every_state(server: bool, mode: str, word: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with SimProcess(streams=2) as simulator:
        address = simulator.url if server else "127.0.0.1:9"
        arguments = ("--mode", mode, "--headless", "--fps", "1", "--report", "-", "--log-file", str(log))
        process = start(address, *arguments)
        log_of(log, process, word)
        out, took_s = ended(process, signal.SIGINT)
    assert took_s < IN_TIME_S
    assert "link" in json.loads(out)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_ends_in_time_while_one_of_two_servers_hangs(number: signal.Signals, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with SimProcess(streams=2) as well, SimProcess(streams=2) as hung:
        process = start(well.url, hung.url, "--headless", "--report", "-", "--log-file", str(log))
        for simulator in (well, hung):
            log_of(log, process, f"{simulator.url.removeprefix('http://')}: streaming")
        os.kill(hung.pid, signal.SIGSTOP)
        out, took_s = ended(process, number, lambda: os.kill(hung.pid, signal.SIGCONT))
    assert took_s < IN_TIME_S
    assert [each["server"] for each in json.loads(out)["servers"]] == [
        simulator.url.removeprefix("http://") for simulator in (well, hung)
    ]


def test_a_window_ends_in_time_while_its_server_hangs(xvfb: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = {**os.environ, "DISPLAY": xvfb, "GALLIUM_NOOP": "true"}
    with SimProcess(streams=2) as simulator:
        process = start(simulator.url, "--report", "-", "--log-file", str(log), environment=environment)
        log_of(log, process, ": streaming")
        is_shown = ("xdotool", "search", "--onlyvisible", "--name", simulator.url.removeprefix("http://"))
        end = time.monotonic() + LIMIT_S
        while subprocess.run(is_shown, env=environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < end, "no window"
            time.sleep(0.05)
        os.kill(simulator.pid, signal.SIGSTOP)
        out, took_s = ended(process, signal.SIGTERM, lambda: os.kill(simulator.pid, signal.SIGCONT))
    assert took_s < IN_TIME_S
    assert "link" in json.loads(out)
