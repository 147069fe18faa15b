"""Tests of lablink_dpg.link.backoff."""

from __future__ import annotations

import random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.link.backoff import FIRST_S, MAX_S, QUICK_FOR_S, QUICK_S, QUICK_SPREAD, Backoff, Pace


@given(
    seed=st.integers(0, 2**32),
    first_s=st.floats(0.001, 10),
    factor=st.floats(1, 1000),
    tries=st.integers(1, 60),
)
def test_every_delay_lies_between_the_first_and_the_longest(
    seed: int, first_s: float, factor: float, tries: int
) -> None:
    backoff = Backoff(random.Random(seed), first_s, first_s * factor)
    for _ in range(tries):
        assert first_s <= backoff.next_s() <= first_s * factor


@given(seed=st.integers(0, 2**32))
def test_the_first_delay_bridges_a_restart_within_a_second_of_the_servers_return(seed: int) -> None:
    assert Backoff(random.Random(seed)).next_s() < 1.0


def test_delays_grow_until_the_longest_is_common() -> None:
    runs = []
    for seed in range(200):
        backoff = Backoff(random.Random(seed))
        runs.append([backoff.next_s() for _ in range(12)])
    means = [mean(run[step] for run in runs) for step in range(12)]
    assert means[:6] == sorted(means[:6])
    assert means[-1] == pytest.approx((FIRST_S + MAX_S) / 2, rel=0.1)


def test_two_clients_do_not_come_back_together() -> None:
    assert Backoff(random.Random(1)).next_s() != Backoff(random.Random(2)).next_s()


def test_after_a_reset_the_delay_is_a_first_one_again() -> None:
    backoff = Backoff(random.Random(5))
    for _ in range(10):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() < 1.0


@pytest.mark.parametrize(("first_s", "max_s"), [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0)])
def test_bounds_that_make_no_sense_are_refused_with_both_numbers(first_s: float, max_s: float) -> None:
    with pytest.raises(ValueError, match=f"{first_s} s to {max_s} s"):
        Backoff(random.Random(0), first_s, max_s)


@given(seed=st.integers(0, 2**32))
def test_a_server_that_was_lost_is_tried_at_once_and_then_twice_a_second_for_half_a_minute(seed: int) -> None:
    pace = Pace(random.Random(seed))
    assert pace.lost(100.0, was_stable=True) == 0.0
    now_s = 100.0
    while now_s < 100.0 + QUICK_FOR_S:
        delay_s = pace.next_s(now_s)
        assert QUICK_SPREAD * QUICK_S <= delay_s <= QUICK_S
        now_s += delay_s
    assert FIRST_S <= pace.next_s(now_s) < 1.0, "then by the backoff, from its beginning"
    assert max(pace.next_s(now_s) for _ in range(50)) > 10.0


@given(seed=st.integers(0, 2**32), lived_s=st.floats(0.0, 1.9))
def test_a_server_that_ends_each_connection_soon_gets_one_quick_half_minute_only(seed: int, lived_s: float) -> None:
    pace = Pace(random.Random(seed))
    now_s, delays = 0.0, []
    while now_s < 1000.0:
        delays.append(pace.lost(now_s, was_stable=False))
        now_s += lived_s + delays[-1]
    assert delays[0] == 0.0
    assert min(delays[1:]) >= QUICK_SPREAD * QUICK_S
    assert len(delays) < QUICK_FOR_S / (QUICK_SPREAD * QUICK_S) + 110  # 15 s in the mean after that, beginning with 0.5


def test_a_server_that_never_was_there_is_tried_by_the_backoff() -> None:
    pace = Pace(random.Random(3), first_s=2.0, max_s=20.0)
    delays = [pace.next_s(float(now_s)) for now_s in range(40)]
    assert min(delays) >= 2.0
    assert max(delays) <= 20.0
    pace.reset()
    assert pace.next_s(41.0) <= 3.0


def test_a_stable_connection_earns_another_quick_half_minute() -> None:
    pace = Pace(random.Random(3))
    pace.lost(0.0, was_stable=True)
    assert pace.lost(100.0, was_stable=False) >= FIRST_S
    assert pace.lost(200.0, was_stable=True) == 0.0
    assert pace.next_s(201.0) <= QUICK_S
