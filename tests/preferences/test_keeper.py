from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lablink_dpg.preferences import Preferences
from lablink_dpg.preferences.keeper import LATEST_S, SAVE_AFTER_S, Keeper
from tests.link.lab import until


class Disk:
    def __init__(self, problem: str = "") -> None:
        self.written: list[Mapping[str, Any]] = []
        self.problem = problem
        self.is_free = threading.Event()
        self.is_free.set()

    def save(self, changes: Mapping[str, Any]) -> str:
        self.is_free.wait()
        self.written.append(changes)
        return self.problem


def ticked(keeper: Keeper, now_s: float) -> tuple[str, ...]:
    """Until what that began is done."""
    said = keeper.tick(now_s)
    until(lambda: keeper.is_writing is False)
    return said + keeper.tick(now_s)


def test_a_change_counts_at_once_and_is_written_when_nothing_has_changed_for_a_while() -> None:
    disk = Disk()
    keeper = Keeper(Preferences(), disk.save)
    keeper.change(Preferences(fps=20), 100.0)
    assert keeper.preferences.fps == 20
    keeper.change(Preferences(fps=25), 101.0)
    ticked(keeper, 101.0 + SAVE_AFTER_S - 0.01)
    assert not disk.written
    ticked(keeper, 101.0 + SAVE_AFTER_S)
    assert disk.written == [{"fps": 25}]
    assert keeper.is_saved
    ticked(keeper, 1000.0)
    assert len(disk.written) == 1, "once"


def test_what_changes_all_the_time_is_written_all_the_same() -> None:
    disk = Disk()
    keeper = Keeper(Preferences(), disk.save)
    for step in range(int(LATEST_S) + 1):
        keeper.change(Preferences(docks={"left": step}), float(step))
        ticked(keeper, float(step))
    assert len(disk.written) == 1


def test_only_what_was_changed_in_this_run_is_written() -> None:
    """The command line's wishes are of this run."""
    disk = Disk()
    keeper = Keeper(Preferences(fps=99, window_s=7), disk.save)
    keeper.change(replace(keeper.preferences, history=5000), 0.0)
    assert keeper.close() == ()
    assert disk.written == [{"history": 5000}]


def test_the_end_writes_what_is_left_and_waits_for_it() -> None:
    disk = Disk()
    keeper = Keeper(Preferences(), disk.save)
    disk.is_free.clear()
    keeper.change(Preferences(fps=20), 0.0)
    keeper.tick(SAVE_AFTER_S)
    keeper.change(Preferences(fps=20, history=5000), 10.0)
    assert keeper.tick(100.0) == (), "one at a time, and nobody waits for it"
    disk.is_free.set()
    assert keeper.close() == ()
    assert disk.written == [{"fps": 20}, {"history": 5000}]


def test_what_cannot_be_written_is_said_once_and_tried_again_with_the_next_change_and_at_the_end() -> None:
    disk = Disk("the disk is full")
    keeper = Keeper(Preferences(), disk.save)
    keeper.change(Preferences(fps=20), 0.0)
    assert ticked(keeper, 2.0) == ("the disk is full",)
    assert ticked(keeper, 1000.0) == ()
    keeper.change(Preferences(fps=20, history=5000), 1000.0)
    assert ticked(keeper, 1002.0) == ("the disk is full",)
    assert disk.written == [{"fps": 20}, {"fps": 20, "history": 5000}]
    disk.problem = ""
    assert keeper.close() == ()
    assert disk.written[-1] == {"fps": 20, "history": 5000}


def test_nothing_is_written_where_nothing_was_changed_or_nothing_is_kept() -> None:
    disk = Disk()
    keeper = Keeper(Preferences(), disk.save)
    keeper.change(Preferences(), 0.0)
    assert keeper.close() == ()
    assert not disk.written
    forgetful = Keeper()
    forgetful.change(Preferences(fps=20), 0.0)
    assert forgetful.preferences.fps == 20
    assert forgetful.close() == ()


def test_what_could_not_be_read_again_is_refused_and_changes_nothing() -> None:
    keeper = Keeper()
    with pytest.raises(ValueError, match="fps: 0 must be"):
        keeper.change(Preferences(fps=0), 0.0)
    assert keeper.preferences == Preferences()
