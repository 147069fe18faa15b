"""Finding a command by its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui.commands import MAX_FOUND, Command, is_meant, matching, stepped


def command(title: str) -> Command:
    return Command(title, lambda: None)


TABLE = [
    command(title)
    for title in ("Hold the view, or return to live", "Back to live", "Mode polling", "Move Alarms to the left top")
]


def titles(text: str) -> list[str]:
    return [each.title for each in matching(TABLE, text)]


def test_nothing_typed_finds_the_table_in_its_order() -> None:
    assert titles("  ") == [each.title for each in TABLE]


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("live", "Back to live"),  # earlier in the title
        ("MODE", "Mode polling"),
        ("mo al", "Move Alarms to the left top"),  # each word on its own
        ("top left", "Move Alarms to the left top"),  # in any order
        ("oll", "Mode polling"),  # inside a word
    ],
)
def test_the_best_comes_first(text: str, best: str) -> None:
    assert titles(text)[0] == best


def test_a_word_that_does_not_occur_excludes_a_command() -> None:
    assert titles("live elephant") == []


def test_the_beginning_of_a_word_beats_the_inside_of_one() -> None:
    found = matching([command("Unhold"), command("Hold"), command("To hold")], "hold")
    assert [each.title for each in found] == ["Hold", "To hold", "Unhold"]


@given(st.lists(st.text(), max_size=40), st.text())
def test_whatever_is_typed_what_is_found_has_each_word_and_is_bounded(names: list[str], text: str) -> None:
    found = matching([command(name) for name in names], text)
    assert len(found) <= MAX_FOUND
    for each in found:
        assert all(word in each.title.casefold() for word in text.casefold().split())


def test_steps_go_around_the_ends() -> None:
    assert stepped(0, -1, TABLE) == len(TABLE) - 1
    assert stepped(len(TABLE) - 1, 1, TABLE) == 0
    assert stepped(0, 1, []) == 0


def test_what_is_asked_twice_is_meant_the_second_time_in_a_row() -> None:
    ending = Command("Stop", lambda: None, is_asked_twice=True)
    other = Command("Stop", lambda: None, is_asked_twice=True)
    assert is_meant(command("Start"), None)
    assert not is_meant(ending, None)
    assert not is_meant(ending, other)
    assert is_meant(ending, ending)
