"""What the tests of faults share: a simulator for a whole module, made sound again after each test."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lablink_dpg.sim.process import SimProcess
from lablink_dpg.sim.signals import expected
from tests.sim.talk import PATIENCE_S, Talk, numbers

RATE_HZ = 1000.0
QUIET_S = 0.4  # without a message: twenty intervals of the streams here
WINDOW = 100  # samples
LATE = 200  # messages that may have been on their way


@contextmanager
def cleared(process: SimProcess) -> Iterator[SimProcess]:
    try:
        yield process
    finally:
        process.fault("clear")


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ids(talk: Talk) -> list[str]:
    return [str(each["acquisition_id"]) for each in talk.get("/api/acquisition/sessions")["sessions"]]


def stream_all(talk: Talk) -> list[str]:
    """Start the streams of all acquisitions, each old enough for a full window; returns when all are acknowledged."""
    found = ids(talk)
    until(lambda: all(talk.status(each)["stats"]["total_samples"] >= WINDOW for each in found))
    for acquisition_id in found:
        talk.stream(acquisition_id, interval_ms=20, num_samples=WINDOW)
    return found


def is_silent(talk: Talk) -> bool:
    """After what has been on its way nothing comes any more; pings are answered."""
    try:
        for _ in range(LATE):
            talk.ws.recv(timeout=QUIET_S)
    except TimeoutError:
        return not talk.drain()
    return False


def raw_messages(talk: Talk, count: int = 200) -> Iterator[bytes]:
    for _ in range(count):
        message = talk.ws.recv(timeout=PATIENCE_S, decode=False)
        yield message


def gaps(talk: Talk, window: dict[str, Any], count: int) -> list[int]:
    """Samples between each of the windows after this one and the one before that neither of them has."""
    found: list[int] = []
    for _ in range(count):
        last = window["stats"]["total_samples"]
        window = talk.next_window(window["acquisition_id"])
        found.append(window["stats"]["total_samples"] - last - window["data"]["count"])
    return found


def check_window(talk: Talk, window: dict[str, Any]) -> None:
    """Every value is that of its sample number."""
    signals = talk.status(window["acquisition_id"])["config"]["metadata"]["signals"]
    assert list(window["data"]["values"]) == list(signals)
    for channel, spec in signals.items():
        assert np.array_equal(window["data"]["values"][channel], expected(spec, numbers(window)))


def parsed(message: bytes) -> Any:
    """None for what is not JSON. Takes NaN and Infinity."""
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None
