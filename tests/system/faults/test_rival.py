"""Another client changes or stops our streams: they come back, it is asked over seldom, and two of us never fight."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.client import ClientConnection, connect

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import StreamState
from tests.link.lab import Acquisition, Lab, until
from tests.link.running import Running, linked

WITHIN_S = 5.0


@contextmanager
def rival_of(lab: Lab) -> Iterator[ClientConnection]:
    with connect(lab.url.replace("http", "ws") + "/ws", max_size=None, close_timeout=0.1) as rival:
        yield rival


def start(name: str, interval_ms: int, num_samples: int) -> str:
    fields = {"acquisition_id": name, "interval_ms": interval_ms, "num_samples": num_samples}
    return json.dumps({"type": "start_acquisition_stream", **fields})


def messages_in_a_second(run: Running) -> int:
    before = run.network.status.counters.messages
    time.sleep(1.0)
    return run.network.status.counters.messages - before


def check_all(run: Running, *names: str) -> None:
    for name in names:
        counters = run.store.series[name].counters
        assert run.check_samples(name) == counters.received + counters.backfilled
        assert counters.lost == 0


@pytest.mark.parametrize(
    ("interval_ms", "num_samples", "rerequest_s"), [(1000, 1500, LinkOptions().rerequest_s), (50, 10, 1.0)]
)
def test_a_stream_that_another_client_changes_is_as_it_was_within_five_seconds(
    interval_ms: int, num_samples: int, rerequest_s: float
) -> None:
    with (
        Lab(Acquisition("a"), Acquisition("b")) as lab,
        linked(lab.url, interval_ms=50, rerequest_s=rerequest_s, silence_s=2.0) as run,
        rival_of(lab) as rival,
    ):
        run.until_more("a", 200)
        run.until_more("b", 200)
        rival.send(start("a", interval_ms, num_samples))
        began_s = time.monotonic()
        until(lambda: len(lab.started) == 4)
        run.until_nothing_is_missing("a")
        assert time.monotonic() - began_s < WITHIN_S
        asked_s = time.monotonic()
        assert (lab.started[3]["acquisition_id"], lab.started[3]["interval_ms"]) == ("a", 50)
        assert lab.started[3]["num_samples"] == lab.started[0]["num_samples"]
        rival.send(start("a", interval_ms, num_samples))  # and again at once
        until(lambda: len(lab.started) == 6)
        assert time.monotonic() - asked_s > rerequest_s - 0.1
        run.until_more("a", 500)
        run.network.stop()
    assert "another client may have asked for that" in str(run.texts)
    assert run.network.status.counters.reconnects == 0
    check_all(run, "a", "b")


def test_a_stream_that_another_client_stops_is_back_within_five_seconds_and_polled_until_then() -> None:
    with (
        Lab(Acquisition("a"), Acquisition("b")) as lab,
        linked(lab.url, interval_ms=50, rerequest_s=1.0, silent_retry_s=60.0) as run,
        rival_of(lab) as rival,
    ):
        run.until_more("a", 200)
        rival.send(json.dumps({"type": "stop_acquisition_stream", "acquisition_id": "a"}))
        until(lambda: lab.stopped == ["a"])
        began_s = time.monotonic()
        until(lambda: len(lab.started) == 3)
        run.until_stream("a", StreamState.STREAMING)
        assert time.monotonic() - began_s < WITHIN_S
        rival.send(json.dumps({"type": "stop_acquisition_stream", "acquisition_id": "a"}))
        run.until_stream("a", StreamState.POLLED)
        run.until_more("a", 1000)  # over REST meanwhile
        run.until_stream("a", StreamState.STREAMING)
        assert len(lab.started) == 4
        run.until_more("a", 200)
        run.network.stop()
    assert run.network.status.counters.reconnects == 0
    assert run.network.status.counters.silent_streams == 2
    check_all(run, "a", "b")


def test_two_clients_with_different_intervals_never_fight() -> None:
    """Whoever wants it faster asks once more; the other is content with more than it wants."""
    with (
        Lab(Acquisition("a"), Acquisition("b", 200.0)) as lab,
        linked(lab.url, interval_ms=50, rerequest_s=0.3, silence_s=2.0, silent_retry_s=60.0) as fast,
        linked(lab.url, interval_ms=400, rerequest_s=0.3, silence_s=2.0, silent_retry_s=60.0) as slow,
    ):
        for run in (fast, slow):
            run.until_more("a", 500)
            run.until_more("b", 100)
        until(lambda: messages_in_a_second(slow) > 15, lambda: f"{lab.started} {fast.texts} {slow.texts}")
        settled = len(lab.started)
        time.sleep(5.0)  # sixteen times the shortest time between two requests
        assert len(lab.started) == settled <= 6  # each of them once, the faster one perhaps once more
        assert messages_in_a_second(slow) > 15  # not 5: of both streams together, at the pace of the other client
        for run in (fast, slow):
            run.network.stop()
            check_all(run, "a", "b")
    assert {each["acquisition_id"]: each["interval_ms"] for each in lab.started} == {"a": 50, "b": 50}  # the last ones
    assert lab.stopped == []


def test_two_clients_that_both_lose_both_enlarge_and_never_fight() -> None:
    with (
        Lab(Acquisition("a")) as lab,
        linked(lab.url, interval_ms=50, rerequest_s=0.3, silence_s=2.0, silent_retry_s=60.0) as fast,
        linked(lab.url, interval_ms=400, rerequest_s=0.3, silence_s=2.0, silent_retry_s=60.0) as slow,
    ):
        for run in (fast, slow):
            run.until_more("a", 500)
        until(lambda: messages_in_a_second(slow) > 8)
        time.sleep(2.0)  # until the slower one has counted at that pace, too
        before = len(lab.started)
        lab.mangle = lambda *_: None
        time.sleep(0.8)
        lab.mangle = None
        for run in (fast, slow):
            run.until_more("a", 1000)
        time.sleep(3.0)
        new = lab.started[before:]
        # One each; a loaded machine may stall once more by itself. Clients that fought would have asked ten times each.
        assert 1 <= len(new) <= 5
        assert new[-1]["interval_ms"] == 50  # the slower one keeps the pace of the faster one
        for run in (fast, slow):
            run.network.stop()
            check_all(run, "a")
