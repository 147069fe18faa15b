"""The second press within a while means it."""

from __future__ import annotations

from lablink_dpg.gui.confirm import WAIT_US, Confirm


def test_the_second_press_means_it_and_the_third_asks_again() -> None:
    confirm = Confirm()
    assert not confirm.press("stop a", 0)
    assert confirm.asks("stop a", 1)
    assert confirm.press("stop a", 1_000_000)
    assert not confirm.asks("stop a", 1_000_001)
    assert not confirm.press("stop a", 1_100_000)


def test_who_waits_too_long_is_asked_again() -> None:
    confirm = Confirm()
    confirm.press("stop a", 0)
    assert not confirm.asks("stop a", WAIT_US)
    assert not confirm.press("stop a", WAIT_US)
    assert confirm.press("stop a", WAIT_US + 1)


def test_a_press_on_something_else_is_a_first_one() -> None:
    confirm = Confirm()
    confirm.press("stop a", 0)
    assert not confirm.press("delete a", 10)
    assert not confirm.press("stop a", 20)


def test_what_is_forgotten_is_not_asked_any_more() -> None:
    confirm = Confirm()
    confirm.press("stop a", 0)
    confirm.forget()
    assert not confirm.asks("stop a", 1)
