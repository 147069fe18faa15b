"""A window smaller than what arrived between two messages: the gap is filled over REST, the window is enlarged."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from lablink_dpg.link.planner import GROWTH
from lablink_dpg.link.windows import SHRINK_S, Windows
from tests.link.lab import Acquisition, Lab, until
from tests.link.running import linked

INTERVAL_MS = 200
PLANNED = 300  # samples at 1000 Hz: an interval and half of one


def test_what_a_stalled_server_did_not_send_is_there_within_two_intervals_and_the_window_is_enlarged() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab, linked(lab.url, interval_ms=INTERVAL_MS, silence_s=5.0) as run:
        run.until_more("a", 1000)
        run.until_more("b", 1000)
        received = run.received("a")
        lab.mangle = lambda acquisition, _, text: None if acquisition.acquisition_id == "a" else text
        time.sleep(1.0)  # the stall itself
        lab.mangle = None
        until(lambda: run.store.series["a"].counters.received > received)
        began_s = time.monotonic()
        run.until_nothing_is_missing("a")
        assert time.monotonic() - began_s < 2 * INTERVAL_MS / 1000
        until(lambda: len(lab.started) == 3)
        run.until_more("a", 1000)
        run.network.stop()
    backfilled = run.store.series["a"].counters.backfilled
    assert backfilled >= 1000 - PLANNED  # it was longer than a second since the last message
    (request,) = lab.started[2:]
    assert (request["acquisition_id"], request["interval_ms"]) == ("a", INTERVAL_MS)
    assert request["num_samples"] >= (PLANNED + backfilled) * GROWTH
    assert run.network.status.streams["a"].num_samples == request["num_samples"]
    assert f"window enlarged from {PLANNED} to {request['num_samples']} samples" in str(run.texts)
    for name in ("a", "b"):
        counters = run.store.series[name].counters
        assert run.check_samples(name) == counters.received + counters.backfilled
        assert counters.lost == 0
    assert run.store.series["b"].counters.backfilled == 0
    assert run.network.status.counters.reconnects == 0


def test_a_window_that_grew_shrinks_while_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{Windows.__module__}.SHRINK_S", SHRINK_S / 120)
    with Lab(Acquisition("a")) as lab, linked(lab.url, interval_ms=20, rerequest_s=0.1, silence_s=5.0) as run:
        run.until_more("a", 300)
        lab.mangle = lambda *_: None
        time.sleep(0.6)
        lab.mangle = None
        until(lambda: len(lab.started) == 2)
        grown = lab.started[1]["num_samples"]
        assert grown >= 600 * GROWTH
        until(lambda: lab.started[-1]["num_samples"] == lab.started[0]["num_samples"])
        run.until_more("a", 300)
        run.until_nothing_is_missing("a")
        run.network.stop()
    sizes = [each["num_samples"] for each in lab.started[1:]]
    assert sizes == sorted(sizes, reverse=True)
    assert all(later >= earlier // 2 for earlier, later in pairwise(sizes))
    counters = run.store.series["a"].counters
    assert run.check_samples("a") == counters.received + counters.backfilled
