"""The store against a slow, obvious one: contents by absolute number, losses, breaks; never a wrong sample."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.store.breaks import MAX_BREAKS, BreakKind
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.series import Series
from lablink_dpg.store.timebase import ServerClock
from tests.support.store_oracle import Oracle, Server, assert_no_wrong_sample, number_in, open_holes, shown_breaks

CAPACITY = 256
DELAY_US = 3000


class Rig:
    """A server, a series and what the decoder needs to know between them."""

    def __init__(self, capacity: int = CAPACITY, **server: object) -> None:
        self.server = Server(**server)  # type: ignore[arg-type]
        self.series = Series(self.server.info, "lab", capacity, ServerClock())

    @property
    def last_total(self) -> int | None:
        return self.series.total if self.series.bracket is None else None

    def send(self, num_samples: int) -> object:
        block = self.server.block(num_samples, self.last_total)
        return self.series.ingest(block, self.server.now_us + DELAY_US)

    def poll(self, num_samples: int, before: int = 0, after: int = 0, between: int = 0) -> object:
        """``before`` and ``after`` are sampled between the calls, ``between`` while the answer travels."""
        low = self.server.total
        self.server.sample(before)
        window = self.server.data(num_samples)
        self.server.sample(after)
        return self.series.ingest_polled(window, low, self.server.total, self.server.now_us + DELAY_US)

    def numbers(self) -> list[int | None]:
        """Server numbers that the samples of the first channel tell, None for NaN."""
        ring = self.series.ring
        return [None if np.isnan(x) else number_in(x)[1] for x in ring.read(ring.oldest, ring.head)[0]]


NUMBERED = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 120), st.integers(1, 150)),
    st.tuples(st.just("send"), st.integers(0, 20), st.integers(1, 60)),
    st.tuples(st.just("repeat"), st.integers(1, 60), st.just(0)),
    st.tuples(st.just("pause"), st.integers(201_000, 2_000_000), st.just(0)),
    st.tuples(st.just("restart"), st.integers(1, 100), st.integers(1, 100)),
    st.tuples(st.just("channels"), st.integers(1, 100), st.integers(1, 100)),
    st.tuples(st.just("backfill"), st.integers(1, 400), st.just(0)),
)


def compare(series: Series, oracle: Oracle) -> None:
    counters, ring = series.counters, series.ring
    assert (counters.received, counters.lost, counters.backfilled, counters.overlap_dropped) == (
        oracle.received,
        oracle.lost,
        oracle.backfilled,
        oracle.overlap,
    )
    assert ring.head == len(oracle.slots)
    assert ring.oldest == oracle.oldest
    np.testing.assert_array_equal(ring.read(ring.oldest, ring.head), oracle.values(series.channels))
    times, truth = ring.read_times(ring.oldest, ring.head), oracle.times()
    np.testing.assert_array_equal(times[truth >= 0], truth[truth >= 0])
    assert np.all(np.diff(times) >= 0)
    assert shown_breaks(series) == oracle.breaks()
    assert list(series.lost_ranges()) == oracle.lost_ranges()


@given(st.lists(NUMBERED, min_size=1, max_size=25), st.sampled_from([30, 100, 400]))
def test_numbered_windows_and_backfill_agree_with_the_oracle(ops: list[tuple[str, int, int]], buffer: int) -> None:
    rig, oracle = Rig(buffer_size=buffer), Oracle(CAPACITY)
    server, series = rig.server, rig.series
    server.sample(5)
    oracle.window(server.newest(5), server.channels)
    rig.send(5)  # at once: the clock is settled by samples that are of now
    for op, a, b in ops:
        if op == "pause":
            server.wait(a)
            continue
        if op == "backfill":
            assert series.backfill(server.data(a)) == oracle.backfill(server.newest(a))
            compare(series, oracle)
            continue
        if op in ("restart", "channels"):
            count = min(a, server.total - 1)  # a restart that has caught up cannot be told from going on
            if not count:
                continue
            server.restart(("CH3", "CH1") if op == "channels" and server.channels[0] == "CH1" else None)
            server.sample(count)
        elif op == "send":
            server.sample(a)
        num_samples = b or a
        oracle.window(server.newest(num_samples), server.channels)
        rig.send(num_samples)
        compare(series, oracle)
    assert_no_wrong_sample(series)


def test_windows_that_do_not_overlap_lose_exactly_what_was_never_sent() -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(20)
    rig.server.sample(35)
    assert rig.send(20) == Ingest(new=20, overlap=0, lost=15)
    counters = rig.series.counters
    assert (counters.received, counters.lost) == (80, 30)
    assert rig.series.lost_ranges() == ((50, 65),)
    assert rig.series.backfill(rig.server.data(200)) == 15
    assert (rig.series.counters.lost, rig.series.counters.backfilled) == (0, 30)
    assert rig.series.breaks == ()
    assert rig.series.revision == 1
    assert_no_wrong_sample(rig.series)
