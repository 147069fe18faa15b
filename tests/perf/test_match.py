"""Contenders in processes of their own: ours in a real window, and one that ends before it has begun."""

from __future__ import annotations

from pathlib import Path

from perf.contenders.__main__ import CONTENDERS, missing
from perf.contenders.match import FRAMES, PHASES, ROUNDS, Entry, play
from perf.contenders.scene import FRAMES_AT_MOST, Case


def test_ours_stores_updates_and_paints_and_the_newest_sample_of_each_stream_is_seen(tmp_path: Path) -> None:
    entry = Entry("ours", Case(3, 1000))
    outcome = play([entry], tmp_path)[entry]
    assert outcome.problem == ""
    assert outcome.frames == ROUNDS * (FRAMES - 1)  # the first of a turn does not count
    assert all(outcome.times_ms[phase] > 0 for phase in PHASES)
    assert outcome.seen == 3


def test_a_contender_that_ends_leaves_its_last_words_and_the_others_their_turns(tmp_path: Path) -> None:
    broken, sound = Entry("nobody", Case(1, 1000)), Entry("ours", Case(1, 1000))
    outcomes = play([broken, sound], tmp_path)
    assert outcomes[broken].problem == "ended: KeyError: 'nobody'"
    assert outcomes[broken].times_ms == {}
    assert outcomes[sound].problem == ""


def test_what_is_not_installed_is_missing() -> None:
    assert missing(("numpy", "no_such_module_here")) == ["no_such_module_here"]
    assert missing(CONTENDERS["ours"][2]) == []


def test_samples_reach_for_all_turns_the_first_frame_and_the_last() -> None:
    assert 1 + ROUNDS * FRAMES + 1 <= FRAMES_AT_MOST
