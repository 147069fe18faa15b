"""Turns in which words are written anew."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui.cadence import WORDS_EVERY_US, Turn, next_us

NOW = 1_790_000_000_000_000


@given(st.integers(NOW, NOW + 10**9), st.sampled_from(Turn), st.integers(1, 4))
def test_a_turn_comes_once_in_each_period(now_us: int, turn: Turn, periods: int) -> None:
    due_us = next_us(now_us, turn, periods)
    assert (periods - 1) * WORDS_EVERY_US < due_us - now_us <= periods * WORDS_EVERY_US
    assert next_us(due_us, turn) == due_us + WORDS_EVERY_US


def test_no_two_owners_have_their_turn_together() -> None:
    due = sorted(next_us(NOW, turn) for turn in Turn)
    gaps = [later - sooner for sooner, later in pairwise(due)]
    assert min(gaps) >= WORDS_EVERY_US // len(Turn) - 1
