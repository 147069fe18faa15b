"""Counts that contradict ours: one that is wrong costs nothing that is stored, two that agree are believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.model.rows import Rows
from lablink_dpg.store.breaks import BreakKind
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.doubts import ALIKE, EXPLAINED, LEAP_US
from lablink_dpg.store.line import LATE_ARRIVAL_US
from tests.store.rig import DELAY_US, Rig
from tests.support.store_oracle import PERIOD_US, assert_no_wrong_sample, value

STARTS = pytest.mark.parametrize("says_start", [True, False])


def newest(rig: Rig, count: int) -> AcquisitionBlock:
    """A message of the newest samples, whatever was stored before."""
    return rig.server.block_of(rig.server.newest(count), None, started_us=rig.server.started_us)


def lying(rig: Rig, total: int) -> AcquisitionBlock:
    return replace(newest(rig, 10), total_samples=total)


def take(rig: Rig, block: AcquisitionBlock) -> Ingest:
    return rig.series.ingest(block, rig.server.now_us + DELAY_US)


def fed(*, capacity: int = 4096, says_start: bool = True, rate_hz: float | None = None) -> Rig:
    """100 samples of 1 kHz are stored."""
    rig = Rig(capacity=capacity, says_start=says_start)
    if rate_hz is not None:
        rig.series.describe(replace(rig.server.info, sample_rate_hz=rate_hz), "lab")
    for _ in range(5):
        rig.server.sample(20)
        rig.send(30)
    return rig


def assert_whole(rig: Rig) -> None:
    """All that the server has taken is stored under its number, and nothing else."""
    total = rig.server.total
    assert rig.numbers() == [None if np.isnan(value(0, number, 1)) else number for number in range(total)]
    assert (rig.series.breaks, rig.series.counters.lost, rig.series.total) == ((), 0, total)


# -- leaps ------------------------------------------------------------------------------------------------------


@STARTS
@pytest.mark.parametrize("lies", [(1_000_000,), (50_000, 2**40), (9_000_000, 8_000_000, 7_000_000), (2**53, 2**53 - 1)])
def test_a_wrong_count_costs_nothing_and_a_second_one_that_is_another_nothing_either(
    lies: tuple[int, ...], says_start: bool
) -> None:
    rig = fed(says_start=says_start)
    for _ in range(3):
        for lie in lies:
            assert take(rig, lying(rig, lie)) == Ingest(is_doubtful=True)
        rig.server.sample(10)
        assert rig.send(30).new == 10
    assert_whole(rig)


def test_a_message_that_has_nothing_new_refutes_a_leap_as_well() -> None:
    rig = fed()
    for _ in range(3):
        assert take(rig, lying(rig, 1_000_000)).is_doubtful
        assert rig.send(30) == Ingest(overlap=30)
    assert_whole(rig)


@pytest.mark.parametrize("named_hz", [1000.0, 1000.0 / (EXPLAINED - 1)])
@pytest.mark.parametrize("away", [0, 1, 500, 3000, 100_000])
def test_what_time_explains_is_lost_at_once(away: int, named_hz: float) -> None:
    rig = fed(capacity=65_536, rate_hz=named_hz)
    rig.server.sample(away)
    rig.server.sample(20)
    assert rig.send(20).lost == away


def test_stamps_explain_what_came_all_at_once() -> None:
    """A client that was asleep gets the messages of ten minutes in a moment."""
    rig = fed(capacity=65_536)
    arrival_us = rig.server.now_us + DELAY_US
    rig.server.sample(60_000)
    assert rig.series.ingest(newest(rig, 20), arrival_us).lost == 59_980


def test_a_leap_is_stored_when_the_next_message_counts_on_from_it() -> None:
    rig = fed(capacity=65_536, rate_hz=1.0)
    rig.server.sample(20_000)
    first = newest(rig, 20)
    samples = np.array(first.values)
    assert take(rig, replace(first, values=samples)).is_doubtful
    samples[:] = -1.0  # what it lay in is used for another message
    rig.server.sample(10)
    out = take(rig, newest(rig, 10))
    assert (out.new, out.lost, out.is_doubtful) == (30, 19_980, False)
    assert (rig.series.total, rig.series.counters.lost) == (20_110, 19_980 * 2)
    np.testing.assert_array_equal(rig.series.ring.read(20_080, 20_110), newest(rig, 30).values)
    assert_no_wrong_sample(rig.series)


def test_an_empty_message_confirms_a_leap_too() -> None:
    """What is sent once does not come again, and then there may be nothing new for long."""
    rig = fed(capacity=65_536, rate_hz=1.0)
    rig.server.sample(20_000)
    block = newest(rig, 20)
    assert take(rig, block).is_doubtful
    empty = replace(block, times_us=block.times_us[:0], values=block.values[:, :0], count=0)
    assert (take(rig, empty).lost, rig.series.total) == (19_980, 20_100)


@STARTS
def test_a_leap_is_not_confirmed_by_another_run(says_start: bool) -> None:
    rig = fed(rate_hz=1.0, says_start=says_start)
    rig.series.describe(replace(rig.server.info, sample_rate_hz=1.0, created_at="1"), "lab")
    assert take(rig, lying(rig, 20_000)).is_doubtful
    rig.server.wait(1_000_000)
    rig.server.restart()
    rig.server.sample(30_000)
    rig.series.describe(replace(rig.server.info, sample_rate_hz=1.0, created_at="2"), "lab")
    out = take(rig, newest(rig, 20))
    assert (out.new, out.is_restart, out.is_doubtful) == (20, True, False)
    assert rig.series.epochs[-1].base + 30_000 == rig.series.ring.head


def test_a_late_message_says_nothing_of_a_leap() -> None:
    rig = fed(capacity=65_536, rate_hz=1.0)
    rig.server.sample(10)
    late = newest(rig, 10)
    rig.server.sample(10)
    rig.send(20)
    rig.server.sample(20_000)
    assert take(rig, newest(rig, 20)).is_doubtful
    assert take(rig, late).new == 0
    rig.server.sample(10)
    assert take(rig, newest(rig, 10)).new == 30


def test_what_was_kept_is_stored_with_the_time_when_it_came() -> None:
    rig = fed(capacity=65_536, rate_hz=1.0)
    rig.server.sample(20_000)
    assert take(rig, newest(rig, 20)).is_doubtful
    came_us = rig.server.now_us + DELAY_US
    rig.server.wait(3_600_000_000)
    rig.server.sample(10)
    assert take(rig, newest(rig, 10)).new == 30
    ring = rig.series.ring
    shift_us = ring.read_times(ring.head - 30, ring.head) - newest(rig, 30).times_us
    assert np.all(shift_us == shift_us[0])
    assert rig.series.newest_arrival_us > came_us


def test_clocks_that_were_set_back_explain_nothing_and_keep_nothing_out() -> None:
    rig = fed(capacity=65_536)
    back_us = 3_600_000_000
    rig.server.zone_us -= back_us
    for lost in (1, 100, 400, 1300, 4000):
        rig.server.sample(lost + 20)
        out = rig.series.ingest(newest(rig, 20), rig.server.now_us + DELAY_US - back_us)
        assert (out.new, out.lost) == (20, lost)


def test_samples_of_any_type_are_kept_as_they_are() -> None:
    rig = fed(capacity=65_536, rate_hz=1.0)
    rig.server.sample(20_000)
    block = newest(rig, 20)
    rows = Rows((np.arange(20, dtype=np.uint8), np.full(20, np.float32(1.5))), 20)
    assert take(rig, replace(block, values=rows)).is_doubtful
    kept = rig.series.doubts.leap
    assert kept is not None
    assert [row.dtype for row in kept.values] == [np.uint8, np.float32]
    assert take(rig, block).new == 20
    assert rig.series.ring.read(20_080, 20_100).tolist() == [list(range(20)), [1.5] * 20]


@pytest.mark.parametrize(("step", "window"), [(50, 5), (200, 5), (1000, 5), (1000, 50)])
def test_of_a_server_far_faster_than_its_word_one_message_is_doubted_and_none_lost(step: int, window: int) -> None:
    rig = fed(capacity=65_536, rate_hz=1.0)
    out = []
    for _ in range(40):
        rig.server.sample(step)
        out.append(take(rig, newest(rig, window)))
    assert sum(each.is_doubtful for each in out) <= 1
    assert rig.series.counters.received == (100 + 40 * window) * 2
    assert rig.series.counters.lost == 40 * (step - window) * 2
    assert_no_wrong_sample(rig.series)


def test_a_second_leap_may_be_somewhat_longer_and_not_much() -> None:
    for further, is_believed in ((ALIKE * 19_000, True), (ALIKE * 21_000, False)):
        rig = fed(capacity=65_536)
        assert take(rig, lying(rig, 20_100)).is_doubtful
        assert take(rig, lying(rig, 20_100 + further)).is_doubtful is not is_believed


def test_of_an_unknown_rate_every_count_is_believed() -> None:
    rig = fed(capacity=65_536, rate_hz=0.0)
    assert take(rig, lying(rig, 10**6)).lost == 10**6 - 110


def test_a_count_that_two_calls_agree_on_is_believed() -> None:
    rig = fed(capacity=65_536, rate_hz=1.0)
    rig.server.sample(20_000)
    out = rig.poll(20)
    assert (out.new, out.lost) == (20, 19_980)


def test_without_time_passed_so_much_is_explained() -> None:
    most = EXPLAINED * (LEAP_US // PERIOD_US + 10)
    for lost, is_doubtful in ((most, False), (most + 10, True)):
        rig = fed(capacity=65_536)
        out = rig.series.ingest(lying(rig, 110 + lost), rig.server.now_us + DELAY_US)
        assert out.is_doubtful is is_doubtful


# -- counts below ours ------------------------------------------------------------------------------------------


def test_a_count_that_is_too_low_costs_nothing() -> None:
    rig = fed()
    for _ in range(3):
        rig.server.wait(LATE_ARRIVAL_US + 1)
        rig.server.sample(10)
        assert take(rig, lying(rig, 50)).new == 0
        assert rig.send(30).new == 10
    assert {item.kind for item in rig.series.breaks} == {BreakKind.PAUSE}
    assert (rig.series.total, rig.series.counters.lost) == (130, 0)


def test_a_count_that_was_too_great_is_put_right_when_two_say_so_and_nothing_can_be_late() -> None:
    rig = fed()
    assert take(rig, lying(rig, 1000)).lost == 890
    for _ in range(10):
        rig.server.sample(3)
        assert rig.send(30).new == 0  # might be late: as far as anyone knows the server has counted 1000
    rig.server.wait(LATE_ARRIVAL_US + 1)
    rig.server.sample(5)
    assert rig.send(5).new == 0
    rig.server.sample(5)
    out = rig.send(5)
    assert (out.new, out.lost, out.is_restart) == (5, 35, True)
    assert rig.series.total == rig.next_number == 140
    assert rig.series.counters.lost == (890 + 35) * 2
    assert rig.series.lost_ranges() == ((100, 135),)
    assert rig.series.backfill(rig.server.data(60)) == 35
    assert [item.kind for item in rig.series.breaks if item.kind is not BreakKind.PAUSE] == [
        BreakKind.LOST,
        BreakKind.RESTART,
    ]
    rig.server.sample(10)
    assert rig.send(30) == Ingest(new=10, overlap=20)


def test_what_was_under_way_when_the_clock_was_set_back_is_late() -> None:
    rig = fed()
    for _ in range(3):
        rig.server.sample(10)
        rig.hold_message(20)
    rig.server.zone_us -= 3_600_000_000
    rig.server.sample(10)
    rig.poll(400)
    rig.server.wait(LATE_ARRIVAL_US + 1_000_000)
    head = rig.series.ring.head
    for sent in list(rig.under_way):
        block = rig.server.block_of(sent.window, rig.series.total, started_us=sent.started_us)
        assert rig.series.ingest(block, rig.server.now_us).new == 0
    assert (rig.series.ring.head, rig.series.total) == (head, 140)


def test_an_honest_hole_before_it_is_no_part_of_a_wrong_count() -> None:
    rig = fed()
    rig.server.sample(50)
    rig.send(20)
    lost = rig.series.counters.lost
    rig.server.sample(10)
    assert take(rig, lying(rig, 165)).lost == 5
    for _ in range(2):
        rig.server.wait(LATE_ARRIVAL_US + 1)
        rig.server.sample(1)
        rig.send(1)
    assert rig.series.total == 162
    assert rig.series.lost_ranges() == ((150, 161),)
    assert rig.series.counters.lost == lost + (5 + 11) * 2


@pytest.mark.parametrize("away_us", [20_000_000, 300_000_000])
def test_a_connection_that_lags_behind_what_was_polled_is_no_contradiction(away_us: int) -> None:
    rig = fed()
    for _ in range(5):
        rig.server.sample(10)
        rig.hold_message(20)
    rig.server.wait(away_us)
    rig.server.sample(10)
    rig.poll(100)
    head, breaks = rig.series.ring.head, rig.series.breaks
    for _ in range(5):
        rig.server.wait(LATE_ARRIVAL_US + 1)
        rig.series.ingest(
            rig.server.block_of(rig.under_way[0].window, rig.series.total, started_us=rig.server.started_us),
            rig.server.now_us,
        )
        rig.under_way.popleft()
    assert (rig.series.ring.head, rig.series.breaks, rig.series.total) == (head, breaks, 160)
    assert_no_wrong_sample(rig.series)
