"""The store against a slow, obvious one: contents by absolute number, losses, breaks; never a wrong sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.store import line
from lablink_dpg.store.breaks import MAX_BREAKS, MAX_DAMAGES, BreakKind
from lablink_dpg.store.counters import Epoch, Ingest
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.ring import Overrun
from lablink_dpg.store.series import Series
from lablink_dpg.store.timebase import ServerClock
from tests.store.rig import CAPACITY, Rig
from tests.support.store_oracle import PERIOD_US, START_US, Oracle, Server, assert_no_wrong_sample, shown_breaks

NUMBERED = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 120), st.integers(1, 150)),
    st.tuples(st.just("send"), st.integers(0, 20), st.integers(1, 60)),
    st.tuples(st.just("repeat"), st.integers(1, 60), st.just(0)),
    st.tuples(st.just("pause"), st.integers(201_000, 2_000_000), st.just(0)),
    st.tuples(st.just("restart"), st.integers(1, 100), st.integers(1, 100)),
    st.tuples(st.just("channels"), st.integers(1, 100), st.integers(1, 100)),
    st.tuples(st.just("backfill"), st.integers(1, 400), st.just(0)),
    st.tuples(st.just("resize"), st.sampled_from([256, 512, 1024]), st.just(0)),
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
    assert set((truth - times)[truth >= 0].tolist()) <= {0, 1}, "a line may be 1 µs early"
    assert np.all(np.diff(times) >= 0)
    assert shown_breaks(series) == oracle.breaks()
    assert list(series.lost_ranges()) == oracle.lost_ranges()


@given(st.lists(NUMBERED, min_size=1, max_size=25), st.sampled_from([30, 100, 400]), st.booleans(), st.booleans())
def test_numbered_windows_and_backfill_agree_with_the_oracle(
    ops: list[tuple[str, int, int]], buffer: int, says_start: bool, outlives: bool
) -> None:
    rig, oracle = Rig(buffer_size=buffer, says_start=says_start, outlives=outlives), Oracle(CAPACITY)
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
        if op == "resize":
            series.resize(a)
            oracle.resize(a)
            compare(series, oracle)
            continue
        if op in ("restart", "channels"):
            # A restart that has caught up cannot be told from going on where the server does not say its start.
            count = a if says_start else min(a, server.total - 1)
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


@pytest.mark.parametrize("seed", range(3))
def test_a_long_run_agrees_with_the_oracle(seed: int) -> None:
    """Thousands of samples through a ring of 1024, with blocks longer than the ring, holes and repeats."""
    random = np.random.default_rng(seed)
    rig, oracle = Rig(capacity=1024, buffer_size=2000), Oracle(1024)
    for _ in range(60):
        rig.server.sample(int(random.integers(0, 200)) if random.random() < 0.9 else 1500)
        num_samples = int(random.choice([40, 120, 200, 2000]))
        if not rig.server.total:
            continue
        oracle.window(rig.server.newest(num_samples), rig.server.channels)
        rig.send(num_samples)
        if random.random() < 0.3:
            asked = int(random.integers(1, 2000))
            assert rig.series.backfill(rig.server.data(asked)) == oracle.backfill(rig.server.newest(asked))
    compare(rig.series, oracle)
    assert_no_wrong_sample(rig.series)


def test_a_window_repeated_while_paused_is_overlap_and_nothing_else() -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(20)
    rig.server.state = AcquisitionState.PAUSED
    before = (rig.series.ring.head, rig.series.revision, rig.series.breaks)
    for _ in range(5):
        assert rig.send(20) == Ingest(overlap=20)
    assert (rig.series.ring.head, rig.series.revision, rig.series.breaks) == before
    assert rig.series.info.state is AcquisitionState.PAUSED


@pytest.mark.parametrize("at_once", [False, True])
def test_a_pause_breaks_the_line_also_in_the_middle_of_a_block(at_once: bool) -> None:
    rig = Rig()
    rig.server.sample(50)
    if not at_once:
        rig.send(50)
    rig.server.wait(600_000)
    rig.server.sample(30)
    rig.send(80)
    assert shown_breaks(rig.series) == [(50, 50, BreakKind.PAUSE)]
    assert rig.series.counters.lost == 0


def test_a_restart_keeps_the_old_samples_and_counts_what_was_never_sent() -> None:
    rig = Rig()
    rig.server.sample(100)
    rig.send(50)
    rig.server.wait(1_000_000)
    rig.server.restart()
    rig.server.sample(40)
    assert rig.send(25) == Ingest(new=25, lost=15, is_restart=True)
    assert shown_breaks(rig.series) == [(50, 50, BreakKind.RESTART), (50, 65, BreakKind.LOST)]
    assert rig.series.lost_ranges() == ((0, 15),)
    assert rig.series.backfill(rig.server.data(100)) == 15
    assert rig.numbers()[:50] == [number if number % 97 != 10 else None for number in range(50, 100)]
    assert rig.numbers()[50:] == [number if number != 10 else None for number in range(40)]
    assert_no_wrong_sample(rig.series)


def test_holes_of_the_run_before_a_restart_are_no_longer_asked_for_or_filled() -> None:
    rig = Rig()
    rig.server.sample(100)
    rig.send(50)
    rig.server.sample(100)
    rig.send(50)
    assert rig.series.lost_ranges() == ((100, 150),)
    rig.server.wait(1_000_000)
    old = rig.server.data(200)
    rig.server.restart()
    rig.server.sample(10)
    rig.send(10)
    assert rig.series.lost_ranges() == ()
    assert rig.series.backfill(old) == 0
    assert rig.series.counters.lost == 100


def test_a_restart_with_other_channels_keeps_both_and_marks_it_once() -> None:
    rig = Rig()
    rig.server.sample(30)
    rig.send(30)
    rig.server.wait(1_000_000)
    rig.server.restart(("CH3", "CH1"))
    rig.server.sample(5)
    assert rig.send(5).is_restart
    assert rig.series.channels == ("CH1", "CH2", "CH3")
    assert shown_breaks(rig.series) == [(30, 30, BreakKind.RESTART)]
    values = rig.series.ring.read(0, 35)
    assert np.isnan(values[2, :30]).all()
    assert np.isnan(values[1, 30:]).all()
    assert_no_wrong_sample(rig.series)


def test_a_message_that_lacks_a_channel_is_no_restart() -> None:
    rig = Rig()
    rig.server.sample(30)
    rig.send(30)
    rig.server.sample(10)
    block = rig.server.block_of(rig.server.newest(10), 30, ("CH2",))
    assert rig.series.ingest(block, rig.server.now_us) == Ingest(new=10, is_damaged=True)
    rig.server.sample(10)
    assert rig.send(30) == Ingest(new=10, overlap=20)
    assert rig.series.breaks == ()
    assert np.isnan(rig.series.ring.read(30, 40)[0]).all()
    assert (rig.series.counters.received, rig.series.counters.lost) == (90, 10)
    assert_no_wrong_sample(rig.series)


@pytest.mark.parametrize("stamp_us", [1, 16_000])
def test_the_channel_that_a_message_lacked_is_fetched(stamp_us: int) -> None:
    rig = Rig(stamp_us=stamp_us, says_start=True)
    rig.server.sample(30)
    rig.send(30)
    rig.server.sample(10)
    rig.series.ingest(rig.server.block_of(rig.server.newest(10), 30, ("CH2",)), rig.server.now_us)
    rig.server.sample(20)
    rig.send(40)
    assert rig.series.lost_ranges() == ((30, 40),)
    revision = rig.series.revision
    assert rig.series.backfill(rig.server.data(15)) == 0  # does not reach back
    assert rig.series.backfill(rig.server.data(50)) == 10
    assert rig.series.lost_ranges() == ()
    assert rig.series.revision == revision + 1
    counters = rig.series.counters
    assert (counters.received, counters.backfilled, counters.lost) == (110, 10, 0)
    np.testing.assert_array_equal(rig.series.ring.read(0, 60), rig.server.arrays(rig.server.samples, ("CH1", "CH2"))[1])


def test_a_first_message_that_lacks_a_channel_is_no_other_setup() -> None:
    rig = Rig()
    rig.server.sample(10)
    rig.series.ingest(rig.server.block_of(rig.server.newest(10), None, ("CH2",)), rig.server.now_us)
    rig.server.sample(10)
    rig.send(20)
    assert rig.series.breaks == ()
    assert rig.series.channels == ("CH1", "CH2")
    assert rig.series.backfill(rig.server.data(20)) == 10
    assert rig.series.counters.lost == 0


def test_a_channel_that_stays_away_is_not_asked_for_forever() -> None:
    rig = Rig(capacity=4096)
    rig.server.sample(30)
    rig.send(30)
    asked = []
    for _ in range(MAX_DAMAGES + 10):
        rig.server.sample(10)
        block = rig.server.block_of(rig.server.newest(10), rig.series.total, ("CH2",))
        asked.append(rig.series.ingest(block, rig.server.now_us).is_damaged)
    assert asked == [True] * MAX_DAMAGES + [False] * 10
    assert rig.series.counters.lost == 10 * (MAX_DAMAGES + 10)
    assert len(rig.series.lost_ranges()) == MAX_DAMAGES


def test_an_answer_with_other_samples_mends_nothing() -> None:
    rig = Rig()
    rig.server.sample(30)
    rig.send(30)
    rig.server.sample(10)
    rig.series.ingest(rig.server.block_of(rig.server.newest(10), 30, ("CH2",)), rig.server.now_us)
    stranger = Rig().server  # same stamps, other samples
    stranger.run = 7
    stranger.sample(40)
    assert rig.series.backfill(stranger.data(40)) == 0
    assert rig.series.lost_ranges() == ((30, 40),)


def test_breaks_are_bounded_and_the_counters_stay_exact() -> None:
    rig = Rig(capacity=16_384, channels=1)
    rig.server.sample(1)
    rig.send(1)
    for _ in range(MAX_BREAKS + 100):
        rig.server.sample(3)
        rig.send(2)
    assert len(rig.series.breaks) == MAX_BREAKS
    assert rig.series.counters.lost == MAX_BREAKS + 100
    assert rig.series.counters.received == 1 + 2 * (MAX_BREAKS + 100)
    assert len(rig.series.lost_ranges()) == MAX_BREAKS


def test_a_block_full_of_pauses_is_bounded_too() -> None:
    rig = Rig(capacity=4096, buffer_size=4096, channels=1)
    for _ in range(MAX_BREAKS + 50):
        rig.server.wait(300_000)
        rig.server.sample(1)
    rig.send(4096)
    assert len(rig.series.breaks) == MAX_BREAKS


def test_a_hole_that_left_the_ring_in_part_is_filled_in_part() -> None:
    rig = Rig(buffer_size=1000)
    rig.server.sample(100)
    rig.send(50)
    rig.server.sample(200)
    rig.send(50)
    rig.server.sample(150)
    rig.send(150)
    ring = rig.series.ring
    assert rig.series.backfill(rig.server.data(1000)) == 56  # the rest of 150 has left
    assert rig.series.counters.lost == 2 * (150 - 56)
    assert rig.series.lost_ranges() == ()
    assert not np.isnan(ring.read(ring.oldest, ring.head)[0]).all()
    assert_no_wrong_sample(rig.series)


def test_a_hole_that_left_the_ring_is_no_trouble() -> None:
    rig = Rig(buffer_size=2000)
    rig.server.sample(100)
    rig.send(50)
    rig.server.sample(100)
    rig.send(50)
    for _ in range(10):
        rig.server.sample(40)
        rig.send(50)
    assert rig.series.backfill(rig.server.data(2000)) == 0
    assert rig.series.lost_ranges() == ()


def test_a_hole_filled_in_pieces_keeps_its_times_in_order() -> None:
    rig = Rig(capacity=2048, buffer_size=2000)
    rig.server.sample(100)
    rig.send(50)
    rig.server.wait(3_000_000)
    rig.server.sample(200)
    rig.send(50)
    for asked, filled in ((60, 10), (60, 0), (120, 60), (500, 80)):
        assert rig.series.backfill(rig.server.data(asked)) == filled
        assert_no_wrong_sample(rig.series)
    assert rig.series.counters.lost == 0
    times = rig.series.ring.read_times(0, rig.series.ring.head)
    assert times.tolist() == [sample.naive_us for sample in rig.server.newest(250)]


def test_answers_that_do_not_fit_a_hole_leave_it_open() -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(50)
    rig.server.sample(60)
    rig.send(30)
    stranger = Server(buffer_size=400)  # same stamps, other samples
    stranger.run = 7
    stranger.sample(110)
    assert rig.series.backfill(stranger.data(100)) == 0
    assert rig.series.lost_ranges() == ((50, 80),)


@pytest.mark.parametrize("total", [0, 3])
def test_a_window_longer_than_the_count_is_cut_to_the_count(total: int) -> None:
    rig = Rig(channels=1)
    rig.server.sample(50)
    rig.send(50)
    rig.server.sample(10)
    times, values = rig.server.arrays(rig.server.newest(10), ("CH1",))
    block = AcquisitionBlock("acq", AcquisitionState.ACQUIRING, total, 10, times, ("CH1",), values)
    out = rig.series.ingest(block, rig.server.now_us)
    assert out.is_restart
    assert (out.new, out.lost, rig.series.total) == (total, 0, total)


def test_an_enormous_count_costs_one_ring_and_stays_exact() -> None:
    rig = Rig(channels=1)
    rig.server.sample(50)
    rig.send(50)
    times, values = rig.server.arrays(rig.server.newest(10), ("CH1",))
    block = AcquisitionBlock("acq", AcquisitionState.ACQUIRING, 2**53, 10, times + 10_000, ("CH1",), values)
    assert rig.series.ingest(block, rig.server.now_us) == Ingest(is_doubtful=True)
    assert rig.series.ingest(block, rig.server.now_us).lost == 2**53 - 60  # said twice
    ring = rig.series.ring
    assert ring.head == 2**53
    assert np.isnan(ring.read(ring.oldest, ring.head - 10)).all()
    assert np.all(np.diff(ring.read_times(ring.oldest, ring.head)) >= 0)


def test_samples_of_an_hour_before_with_the_same_stamp_do_not_fill_a_hole() -> None:
    """When summer time ends, an hour of stamps comes twice."""
    hour_us = 3_600_000_000
    rig = Rig(capacity=4096, buffer_size=300, zone_us=hour_us)
    rig.server.sample(50)
    rig.send(50)
    rig.server.sample(60)
    rig.send(30)
    rig.server.wait(hour_us - 60_000)
    rig.server.zone_us = 0
    rig.server.sample(150)
    rig.send(100)
    before = rig.series.lost_ranges()
    window = rig.server.data(145)
    rig.server.sample(400)
    rig.send(100)
    rig.series.backfill(window)
    assert rig.series.lost_ranges()[0] == before[0]
    assert_no_wrong_sample(rig.series)


def test_a_polled_answer_shorter_than_asked_for_begins_with_the_first_sample_of_the_run() -> None:
    info = AcquisitionInfo("a", "e", "a", AcquisitionState.ACQUIRING, ("CH1",), 1000.0, buffer_size=500)
    series = Series(info, "s", 1000, ServerClock())
    times = START_US + np.arange(40) * PERIOD_US
    window = DataWindow("a", times, ("CH1",), np.arange(40.0)[None])
    series.ingest_polled(window, 35, 44, int(times[-1]) + 1000, requested=100)
    assert series.bracket is None
    assert (series.total, series.epochs) == (40, (Epoch(0, 0),))


def test_a_polled_answer_as_long_as_asked_for_says_nothing_of_its_numbers() -> None:
    info = AcquisitionInfo("a", "e", "a", AcquisitionState.ACQUIRING, ("CH1",), 1000.0, buffer_size=500)
    series = Series(info, "s", 1000, ServerClock())
    times = START_US + np.arange(40) * PERIOD_US
    window = DataWindow("a", times, ("CH1",), np.arange(40.0)[None])
    series.ingest_polled(window, 40, 44, int(times[-1]) + 1000, requested=40)
    assert series.bracket is not None


def test_a_run_begun_anew_is_known_by_its_start_even_if_it_has_counted_past_ours() -> None:
    rig = Rig(says_start=True)
    rig.server.sample(50)
    rig.send(50)
    rig.server.wait(5_000_000)
    rig.server.restart()
    rig.server.sample(90)
    out = rig.send(60)
    assert (out.new, out.lost, out.is_restart) == (60, 30, True)
    assert rig.series.lost_ranges() == ((0, 30),)
    assert rig.series.backfill(rig.server.data(90)) == 30
    assert rig.series.counters.lost == 0
    assert_no_wrong_sample(rig.series)


@pytest.mark.parametrize("manners", [{"stamp_us": 1_000_000}, {"is_unsorted": True}])
def test_a_hole_is_filled_by_counts_though_messages_have_come_since(manners: dict[str, Any]) -> None:
    rig = Rig(capacity=2048, **manners)
    rig.server.sample(100)
    rig.send(100)
    rig.server.sample(150)
    rig.send(40)
    total, window = rig.server.total, rig.server.data(250)
    rig.server.sample(5)
    rig.send(40)
    assert rig.series.backfill(window) == 0  # its stamps do not tell
    assert rig.series.backfill(window, (total - 20, total + 5)) == 110
    assert rig.series.counters.lost == 0
    assert_no_wrong_sample(rig.series)


def test_a_run_as_long_as_the_one_before_is_another_one() -> None:
    """A single shot, taken again while nobody listened: the same count, other samples."""
    rig = Rig(says_start=True, channels=1)
    rig.server.sample(50)
    rig.send(50)
    rig.server.restart()
    rig.server.sample(50)
    assert rig.send(50) == Ingest(new=50, is_restart=True)
    assert rig.send(50) == Ingest(overlap=50)


def test_a_buffer_that_outlives_its_run_gives_the_new_run_its_own_samples_only() -> None:
    rig = Rig(says_start=True, outlives=True)
    rig.server.sample(100)
    rig.send(50)
    rig.server.restart()
    assert rig.send(50) == Ingest(overlap=50)  # the new start is told before there is a sample of it
    assert len(rig.series.epochs) == 1
    rig.server.sample(3)
    assert rig.send(50) == Ingest(new=3, overlap=47, is_restart=True)
    rig.server.sample(10)
    assert rig.send(50) == Ingest(new=10, overlap=40)
    assert rig.series.counters.lost == 0
    assert_no_wrong_sample(rig.series)


def test_messages_of_the_run_before_that_come_late_are_dropped_and_the_new_run_goes_on() -> None:
    rig = Rig(says_start=True)
    rig.server.sample(10)
    rig.hold_message(10)
    rig.server.restart()
    rig.server.sample(30)
    rig.poll(30)
    assert rig.release_messages() == Ingest(overlap=10)
    rig.server.sample(10)
    assert rig.send(20) == Ingest(new=10, overlap=10)
    assert len(rig.series.epochs) == 1
    assert_no_wrong_sample(rig.series)


def test_a_late_message_of_the_same_run_is_no_restart_whatever_its_stamps() -> None:
    started_us = START_US - 1
    series = Series(_described("t"), "s", 1000, ServerClock())
    whole = replace(_numbered(50, 50, START_US), times_us=np.full(50, START_US), started_us=started_us)
    series.ingest(whole, START_US)
    late = replace(_numbered(40, 40, START_US), started_us=started_us)  # stamps with a fraction end after those without
    assert series.ingest(late, START_US) == Ingest(overlap=40)
    assert series.counters.lost == 0


def test_a_description_that_comes_after_the_first_samples_is_that_of_their_run_and_of_no_other() -> None:
    first_us, second_us = START_US - 1, START_US + 10_000_000
    series = Series(replace(_described("t", "early"), started_us=first_us), "s", 1000, ServerClock())
    series.ingest(replace(_numbered(10, 10, START_US), started_us=first_us), START_US)
    series.describe(replace(_described("t", "old"), started_us=first_us), "s")
    series.ingest(replace(_numbered(10, 10, second_us + 1), started_us=second_us), second_us)
    series.describe(replace(_described("t", "old"), started_us=first_us), "s")  # asked for before it was begun anew
    assert [epoch.metadata["signals"] for epoch in series.epochs] == ["old", "old"]
    series.describe(replace(_described("t", "new"), started_us=second_us), "s")
    assert [epoch.metadata["signals"] for epoch in series.epochs] == ["old", "new"]


def _described(created_at: str, signal: str = "old") -> AcquisitionInfo:
    return AcquisitionInfo(
        "a",
        "e",
        "a",
        AcquisitionState.ACQUIRING,
        ("CH1",),
        1000.0,
        metadata={"signals": signal},
        created_at=created_at,
    )


def _numbered(total: int, n: int, first_us: int) -> AcquisitionBlock:
    times = first_us + np.arange(n) * PERIOD_US
    values = np.arange(total - n, total, dtype=float)[None]
    return AcquisitionBlock("a", AcquisitionState.ACQUIRING, total, n, times, ("CH1",), values)


def test_a_run_that_has_counted_past_ours_while_we_were_away_is_another_run_all_the_same() -> None:
    series = Series(_described("Monday"), "s", 10_000, ServerClock())
    series.ingest(_numbered(100, 100, START_US), START_US + 101_000)
    assert series.describe(_described("Tuesday", "new"), "s")
    later_us = START_US + 60_000_000
    out = series.ingest(_numbered(500, 100, later_us), later_us + 101_000)
    assert (out.new, out.lost, out.is_restart) == (100, 400, True)
    assert [epoch.metadata["signals"] for epoch in series.epochs] == ["old", "new"]
    assert series.epochs[-1] == Epoch(100, 100)  # number 0 of the new run is index 100
    assert series.lost_ranges() == ((0, 400),)
    out = series.ingest(_numbered(550, 100, later_us + 50 * PERIOD_US), later_us + 151_000)
    assert (out.new, out.is_restart) == (50, False)


def test_the_same_run_described_again_goes_on() -> None:
    series = Series(_described("Monday"), "s", 10_000, ServerClock())
    series.ingest(_numbered(100, 100, START_US), START_US + 101_000)
    assert not series.describe(_described("Monday"), "s")
    assert not series.describe(_described(""), "s")
    out = series.ingest(_numbered(150, 100, START_US + 50 * PERIOD_US), START_US + 151_000)
    assert (out.new, out.lost, out.is_restart) == (50, 0, False)


@pytest.mark.parametrize("capacity", [256, 1024, 4096, 300_000])
@pytest.mark.parametrize("count", [0, 100, 1024, 5000, 150_000])
def test_another_history_keeps_the_newest_samples_under_their_numbers(capacity: int, count: int) -> None:
    """Longer, shorter, over several copies; nothing that was dropped comes back, and the pyramid is that of the
    samples."""
    rig = Rig(capacity=2048, channels=1)
    rng = np.random.default_rng(count)
    values, times = rng.normal(size=(1, count)), np.arange(count, dtype=np.int64) * PERIOD_US
    ring = rig.series.ring
    for first in range(0, count, 700):
        ring.append(times[first : first + 700], values[:, first : first + 700])
    oldest = max(0, count - min(2048, capacity))
    rig.series.resize(capacity)
    assert rig.series.ring is not ring, "whoever reads the old one goes on with it"
    for length in (256, 8192):
        ring = rig.series.ring
        assert (ring.oldest, ring.head, rig.series.capacity) == (oldest, count, capacity)
        np.testing.assert_array_equal(ring.read(oldest, count), values[:, oldest:])
        np.testing.assert_array_equal(ring.read_times(oldest, count), times[oldest:])
        assert ring.first_at_or_after(0) == oldest
        if oldest:
            with pytest.raises(Overrun):
                ring.read(oldest - 1, count)
        for level in range(1, ring.pyramid.top + 1):
            size = FANOUT**level
            cells = range(-(-oldest // size), ring.pyramid.folded(level))
            if cells:
                low, high = ring.minmax_cells(level, cells.start, cells.stop)
                whole = values[0, cells.start * size : cells.stop * size].reshape(-1, size)
                np.testing.assert_array_equal((low[0], high[0]), (whole.min(axis=1), whole.max(axis=1)))
        capacity = length  # and once more, down and up again
        rig.series.resize(length)
        oldest = max(oldest, count - length)


def test_no_memory_for_a_longer_history_leaves_all_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(20)
    ring, revision = rig.series.ring, rig.series.revision

    def refuse(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(line, "Ring", refuse)
    with pytest.raises(MemoryError):
        rig.series.resize(10**8)
    assert (rig.series.ring, rig.series.revision, rig.series.capacity) == (ring, revision, CAPACITY)


def test_jitter_is_known_of_neighbouring_messages_only() -> None:
    rig = Rig()
    for count in (50, 50, 50):
        rig.server.sample(count)
        rig.send(100)
    assert rig.series.jitter.jitter_us == 0.0, "each came as late as the one before"
    rig.server.sample(70)
    rig.send(100)
    late = rig.series.jitter.jitter_us
    assert late is not None
    assert late > 0
    rig.server.wait(5_000_000)
    rig.server.sample(50)
    rig.send(50)
    assert rig.series.jitter.jitter_us == late, "a pause is no jitter"
