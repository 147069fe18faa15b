"""A server's clock that jumps, timestamps out of order or coarse: one axis, and the plots stay where they are."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lablink_dpg.clock import AxisClock
from lablink_dpg.model.link import LinkState, Mode, Wire
from lablink_dpg.store.breaks import BreakKind
from tests.system.faults.bench import Bench, bench

S = 1_000_000
WATCHED_S = 1.5  # after a fault: thirty messages of each stream, or seven polls
MAX_AGE_US = S  # of the newest sample: what a loaded machine may be behind
MAX_STEP_US = S // 2  # from a sample to the next: they are a thousandth apart, and a clock is set by more


def ages_us(it: Bench, seconds: float) -> list[int]:
    """How old each stream's newest sample is by the axis, looked at all the time."""
    clock = AxisClock()
    ages = []
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        for series in it.run.store.series.values():
            newest_us = series.newest_us
            assert newest_us is not None
            ages.append(clock.now_us() - newest_us)
        time.sleep(0.002)
    return ages


def check_axis(it: Bench) -> None:
    for series in it.run.store.series.values():
        steps = np.diff(series.ring.read_times(0, series.ring.head))
        assert steps.min() >= 0
        assert steps.max() < MAX_STEP_US
        assert len(series.epochs) == 1


@pytest.mark.parametrize(
    ("mode", "seconds"),
    [
        *((Mode.HYBRID, seconds) for seconds in (3600, -3600, -40)),
        *((Mode.POLLING, seconds) for seconds in (3600, -3600, -0.4)),
    ],
)
def test_a_clock_that_is_set_moves_no_plot(mode: Mode, seconds: float) -> None:
    with bench(mode=mode) as it:
        before_us = float(np.median(ages_us(it, 0.5)))
        it.fault(f"clock:{seconds}")
        ages = ages_us(it, WATCHED_S)
        assert min(ages) > -50_000  # never of the future
        assert max(ages) < MAX_AGE_US  # and never held back until the clock is there again
        settled_us = float(np.median(ages_us(it, 0.5)))
        assert abs(settled_us - before_us) < 100_000  # the latency is what it was
        it.until_more(500)
        status = it.run.network.status
        assert status.state is (LinkState.POLLING if mode is Mode.POLLING else LinkState.STREAMING)
        assert (status.counters.reconnects, it.reasons) == (0, {})
        it.end()
        check_axis(it)
        assert it.counters.lost == 0
        assert all(item.kind is BreakKind.PAUSE for series in it.run.store.series.values() for item in series.breaks)


def test_a_clock_that_is_set_while_samples_are_lost_moves_no_plot_and_they_are_fetched() -> None:
    with bench(wire=Wire.JSON) as it:  # typed messages make up for a stall by themselves
        it.fault("stall:700")
        time.sleep(0.2)
        it.fault("clock:-3600")
        it.until_more(1000)
        it.until_whole()
        assert max(ages_us(it, WATCHED_S)) < MAX_AGE_US
        it.end()
        assert it.counters.backfilled > 0
        for series in it.run.store.series.values():
            assert np.diff(series.ring.read_times(0, series.ring.head)).min() >= 0


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.POLLING])
@pytest.mark.parametrize("fault", ["unsorted", "whole-seconds"])
def test_stamps_out_of_order_or_without_fraction_cost_nothing(fault: str, mode: Mode) -> None:
    with bench(mode=mode) as it:
        it.fault(fault)
        ages = ages_us(it, 2 * WATCHED_S)
        assert min(ages) > -1.1 * S
        assert max(ages) < 1.1 * S + MAX_AGE_US  # a second is all that the stamps say
        it.until_more(1000)
        it.fault("clear")
        it.until_more(1000)
        assert (it.run.network.status.counters.reconnects, it.reasons) == (0, {})
        it.until_whole()
        it.end()
        for series in it.run.store.series.values():
            assert np.diff(series.ring.read_times(0, series.ring.head)).min() >= 0
            assert len(series.epochs) == 1
