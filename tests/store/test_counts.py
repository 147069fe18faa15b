"""Wrong counts of a server: what is stored stays, what comes after them is placed right again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.store.breaks import BreakKind
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.line import LATE_ARRIVAL_US
from tests.store.rig import Rig
from tests.support.store_oracle import assert_no_wrong_sample, value


def lying(rig: Rig, total: int) -> AcquisitionBlock:
    """The newest ten samples, said to be the last ones of ``total``."""
    return replace(rig.server.block_of(rig.server.newest(10), None), total_samples=total)


@pytest.mark.parametrize("says_start", [True, False])
def test_one_wrong_count_costs_one_message_and_nothing_of_what_is_stored(says_start: bool) -> None:
    rig = Rig(says_start=says_start)
    for _ in range(5):
        rig.server.sample(20)
        rig.send(30)
    for lie in (1_000_000, 50_000, 2**53):
        assert rig.series.ingest(lying(rig, lie), rig.server.now_us) == Ingest(is_doubtful=True)
        rig.server.sample(10)
        assert rig.send(30).new == 10
    assert rig.numbers() == [None if np.isnan(value(0, number, 1)) else number for number in range(130)]
    assert (rig.series.breaks, rig.series.counters.lost) == ((), 0)


@pytest.mark.parametrize("away_s", [0.0, 0.5, 3.0])
def test_as_many_as_time_explains_are_lost_at_once_and_more_when_it_is_said_twice(away_s: float) -> None:
    rig = Rig(capacity=65_536, says_start=True)
    rig.server.sample(20)
    rig.send(20)
    rig.server.sample(int(away_s * 1000))  # at 1 kHz
    rig.server.sample(20)
    assert rig.send(20).lost == int(away_s * 1000)
    more = rig.server.total + int((away_s + 20) * 1000)
    assert rig.series.ingest(lying(rig, more), rig.server.now_us).is_doubtful
    assert rig.series.ingest(lying(rig, more + 10), rig.server.now_us).new == 10
    assert rig.series.total == more + 10


def test_a_server_far_faster_than_its_word_is_believed_once_it_is_measured() -> None:
    rig = Rig(capacity=65_536, says_start=True)
    rig.series.describe(replace(rig.server.info, sample_rate_hz=1.0), "lab")
    out = []
    for _ in range(60):  # of 50 ms at 1 kHz, of which five arrive
        rig.server.sample(50)
        out.append(rig.send(5))
    assert not any(each.is_doubtful for each in out[12:])
    assert sum(each.is_doubtful for each in out) <= 6
    assert_no_wrong_sample(rig.series)


def test_of_an_unknown_rate_every_count_is_believed() -> None:
    rig = Rig(capacity=65_536)
    rig.series.describe(replace(rig.server.info, sample_rate_hz=0.0), "lab")
    rig.server.sample(20)
    rig.send(20)
    assert rig.series.ingest(lying(rig, 10**6), rig.server.now_us).lost == 10**6 - 30


def test_a_count_that_was_too_great_is_put_right_when_nothing_can_be_late_any_more() -> None:
    rig = Rig(capacity=4096, says_start=True)
    rig.server.sample(50)
    rig.send(50)
    rig.series.ingest(lying(rig, 1000), rig.server.now_us)
    rig.server.sample(30)
    assert rig.send(30).new == 0  # might be late: as far as anyone knows the server has counted 1000
    rig.server.wait(LATE_ARRIVAL_US + 1)
    rig.server.sample(10)
    out = rig.send(60)
    assert (out.new, out.is_restart) == (40, True)
    assert rig.series.total == rig.next_number == 90
    kinds = [item.kind for item in rig.series.breaks]
    assert kinds == [BreakKind.LOST, BreakKind.RESTART, BreakKind.PAUSE]  # it has really waited
    rig.server.sample(10)
    assert rig.send(60).new == 10


def test_a_connection_that_lags_behind_what_was_polled_is_no_contradiction() -> None:
    rig = Rig(says_start=True)
    rig.server.sample(50)
    rig.send(50)
    rig.server.sample(10)
    rig.hold_message(20)
    rig.server.wait(20_000_000)
    rig.server.sample(10)
    rig.poll(20)
    rig.server.wait(LATE_ARRIVAL_US + 1)
    assert rig.release_messages().new == 0
    assert rig.series.total == 70
    assert_no_wrong_sample(rig.series)
