"""No display is a sentence, not a crash."""

from __future__ import annotations

import pytest

from lablink_dpg.gui import display


@pytest.fixture(autouse=True)
def _as_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")


def test_without_a_display_the_answer_names_headless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    problem = display.display_problem()
    assert problem is not None
    assert "--headless" in problem
    assert "\n" not in problem


def test_a_display_that_cannot_be_opened_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":64321")
    problem = display.display_problem()
    assert problem is not None
    assert ":64321" in problem
    assert "--headless" in problem


def test_a_display_that_answers_is_no_problem(monkeypatch: pytest.MonkeyPatch, xvfb: str) -> None:
    monkeypatch.setenv("DISPLAY", xvfb)
    assert display.display_problem() is None
