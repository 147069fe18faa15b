"""Values and cards carried into plots by a real pointer, in the window itself."""

from __future__ import annotations

import pytest

from tests.support.windows import drive


@pytest.mark.parametrize(
    "scenario", ["carrying", "carrying_cards", "carrying_overlay", "carrying_empty", "carrying_panel"]
)
def test_values_are_carried_into_plots(xvfb: str, scenario: str) -> None:
    done = drive(xvfb, scenario)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""
