"""total_samples falls, or the channels change: a new epoch, the old samples stay, a mark between them."""

from __future__ import annotations

import time

import pytest

from lablink_dpg.model.link import Mode
from lablink_dpg.store.breaks import BreakKind
from tests.link.lab import Acquisition, Lab, until
from tests.link.running import linked
from tests.system.faults.bench import bench


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.POLLING])
def test_a_run_that_is_counted_anew_goes_on_beside_the_old_one(mode: Mode) -> None:
    with bench(mode=mode) as it:
        heads = {name: series.ring.head for name, series in it.run.store.series.items()}
        began_s = it.fault("recount")
        until(lambda: all(len(series.epochs) == 2 for series in it.run.store.series.values()))
        assert time.monotonic() - began_s < 1.0  # a message, or a poll
        it.until_more(1000)
        it.until_whole()
        assert it.run.network.status.counters.reconnects == 0
        it.end()
        for name, series in it.run.store.series.items():
            marks = [item for item in series.breaks if item.kind is BreakKind.RESTART]
            assert [item.start for item in marks] == [series.epochs[1].start]
            assert series.epochs[1].start >= heads[name]  # the old samples are all there
            assert series.ring.oldest == 0
            assert [epoch.is_exact for epoch in series.epochs] == [True, True]
        assert it.counters.lost == 0


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.POLLING])
def test_channels_that_change_are_marked_and_both_kinds_stay(mode: Mode) -> None:
    with bench(mode=mode) as it:
        before = {name: series.channels for name, series in it.run.store.series.items()}
        began_s = it.fault("rechannel")
        until(lambda: all(len(series.channels) == 2 for series in it.run.store.series.values()))
        assert time.monotonic() - began_s < 1.0
        it.until_more(1000)
        it.until_whole()
        it.run.network.stop()
        for name, series in it.run.store.series.items():
            assert series.channels[0] == before[name][0]
            assert [item.kind for item in series.breaks if item.missing == 0] == [BreakKind.RESTART]
            assert series.ring.oldest == 0
        assert it.counters.lost == 0


@pytest.mark.parametrize("outlives", [True, False])
def test_a_buffer_that_outlives_its_run_does_not_hide_the_next_one(outlives: bool) -> None:
    """As on a real server: its windows reach back into the run before."""
    with Lab(Acquisition("a")) as lab, linked(lab.url, silence_s=2.0) as run:
        run.until_more("a", 500)
        lab.acquisitions["a"].restart(outlives=outlives)
        began_s = time.monotonic()
        until(lambda: len(run.store.series["a"].epochs) == 2)
        assert time.monotonic() - began_s < 0.5
        run.until_more("a", 500)
        run.until_nothing_is_missing("a")
        run.network.stop()
    assert run.network.status.counters.invalid_messages == 0
    assert run.check_samples("a") >= 500
