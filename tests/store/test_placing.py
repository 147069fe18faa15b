"""Our newest sample in a window without numbers: found by counting and content, or not at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lablink_dpg.model.acquisition import DataWindow
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.placing import align, place
from lablink_dpg.store.ring import Ring
from tests.store.rig import Rig
from tests.support.store_oracle import PERIOD_US

NAMES = ("CH1", "CH2")


def stored(samples: int = 100, **manners: object) -> Rig:
    rig = Rig(capacity=2048, **manners)
    rig.server.sample(samples)
    rig.send(samples)
    return rig


def window(rig: Rig, count: int, change_us: np.ndarray | int = 0) -> DataWindow:
    """The newest samples, their stamps changed."""
    sent = rig.server.data(count)
    return DataWindow("acq", sent.times_us + change_us, sent.channels, sent.values)


def of_a_stranger() -> list[Any]:
    """120 samples of another run."""
    stranger = Rig().server
    stranger.run = 7
    stranger.sample(120)
    return stranger.samples


@pytest.mark.parametrize("new", [0, 1, 30])
@pytest.mark.parametrize("low", [0, -9])
@pytest.mark.parametrize("high", [0, 9])
def test_it_is_found_within_the_counts(new: int, low: int, high: int) -> None:
    rig = stored()
    rig.server.sample(new)
    total = rig.server.total
    assert place(rig.series, window(rig, 60), total + low, total + high) == 59 - new


def test_what_is_kept_as_float32_is_found_in_what_was_sent_as_float64() -> None:
    rig = stored()
    rig.series.ring = narrow = Ring(2, 2048, Storage.FLOAT32)
    sent = rig.server.data(100)
    narrow.append(sent.times_us, sent.values + 1e-9)
    rig.server.sample(5)
    data = rig.server.data(50)
    found = DataWindow("acq", data.times_us, data.channels, data.values + 1e-9)
    assert place(rig.series, found, 105, 105) == 44


def test_stamps_that_are_all_wrong_do_not_matter_where_the_content_is_there_once() -> None:
    rig = stored()
    rig.server.sample(20)
    shuffled = np.random.default_rng(1).permutation(60) * PERIOD_US
    assert place(rig.series, window(rig, 60, shuffled), 110, 130) == 39


def test_a_signal_that_stands_still_is_placed_by_stamps() -> None:
    rig = stored(plateau=10**6)
    rig.server.sample(20)
    assert place(rig.series, window(rig, 60), 110, 130) == 39
    assert place(rig.series, window(rig, 60, np.arange(60) % 2 * 3 * PERIOD_US), 110, 130) is None  # out of order
    assert place(rig.series, window(rig, 60, 10 * PERIOD_US), 110, 125) is None  # another place than the counts allow
    assert place(rig.series, window(rig, 60, 7), 110, 130) is None  # nobody knows that stamp


def test_an_edge_within_the_samples_compared_is_enough() -> None:
    rig = stored(plateau=64)
    rig.server.sample(20)
    assert place(rig.series, window(rig, 80, 7), 110, 130) == 59


def test_a_window_that_may_begin_after_ours_is_placed_by_stamps_as_well() -> None:
    rig = stored()
    rig.server.sample(59)
    assert place(rig.series, window(rig, 60), 150, 170) is None  # a run of equal stamps may begin before it
    assert place(rig.series, window(rig, 61), 150, 170) == 1
    assert place(rig.series, window(rig, 61, 7), 150, 170) is None


def test_other_samples_are_not_ours_whatever_their_stamps() -> None:
    rig = stored()
    rig.server.samples = of_a_stranger()
    assert place(rig.series, window(rig, 60), 110, 130) is None


def test_samples_that_could_not_be_read_are_no_difference() -> None:
    rig = stored()
    rig.server.sample(20)
    sent = window(rig, 60, 7)
    sent.values[:, 30:38] = np.nan
    assert place(rig.series, sent, 110, 130) == 39


def test_numbers_that_are_known_within_bounds_only_leave_more_places() -> None:
    rig = Rig(capacity=2048)
    rig.server.sample(300)
    rig.poll(50, before=40, after=50)
    assert rig.series.bracket is not None
    rig.server.sample(20)
    total = rig.server.total
    assert place(rig.series, window(rig, 200, 7), total - 5, total + 5) == 199 - 70


@pytest.mark.parametrize("later", [0, 1, 30])
@pytest.mark.parametrize(("low", "high"), [(0, 0), (-9, 9), (-30, 0), (0, 50)])
def test_an_answer_is_aligned_though_messages_have_come_since(later: int, low: int, high: int) -> None:
    rig = stored()
    rig.server.sample(20)
    sent = window(rig, 80, 7)  # stamps that nobody knows
    end = rig.server.total
    rig.server.sample(later)
    rig.send(60)
    assert align(rig.series, sent, end + low, end + high) == end


def test_what_has_nothing_in_common_with_what_is_stored_is_not_aligned() -> None:
    rig = stored()
    rig.server.sample(60)
    assert align(rig.series, window(rig, 60), 160, 160) is None
    assert align(rig.series, window(rig, 60), 150, 170) is None
    assert align(rig.series, window(rig, 60), 170, 150) is None


def test_a_signal_that_stands_still_is_aligned_by_a_count_that_does() -> None:
    rig = stored(plateau=10**6)
    rig.server.sample(20)
    assert align(rig.series, window(rig, 60), 120, 121) is None
    assert align(rig.series, window(rig, 60), 120, 120) == 120


def test_an_answer_is_aligned_by_what_came_of_a_line_with_holes() -> None:
    rig = stored()
    rig.server.sample(50)
    rig.send(10)
    rig.server.sample(50)
    sent = window(rig, 120, 7)
    rig.send(10)
    assert rig.series.lost_ranges() == ((100, 140), (150, 190))
    assert align(rig.series, sent, 195, 230) == 200


def test_another_runs_samples_are_not_aligned() -> None:
    rig = stored()
    rig.server.samples = of_a_stranger()
    assert align(rig.series, window(rig, 60), 110, 130) is None
    assert align(rig.series, window(rig, 60), 120, 120) is None
