"""Tests of lablink_dpg.link.backoff."""

from __future__ import annotations

import random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.link.backoff import FIRST_S, MAX_S, Backoff


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
