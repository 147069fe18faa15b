"""The panel of alarms and the bar over all panels, in a real window with a real pointer."""

from __future__ import annotations

import pytest

from tests.support.windows import LONG_S, play


@pytest.mark.parametrize("scenario", ["hands", "steady", "prompt"])
def test_alarms_in_the_window(xvfb: str, scenario: str) -> None:
    done = play(xvfb, "tests.gui.alarm_window", scenario, limit_s=LONG_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""
