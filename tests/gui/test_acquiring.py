"""The acquisitions' panel in a real window, moved by a real pointer; each scenario in its own process."""

from __future__ import annotations

import pytest

from tests.gui.acquiring import SCENARIOS
from tests.support.windows import LONG_S, play


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_hands_on_the_panel(xvfb: str, scenario: str) -> None:
    done = play(xvfb, "tests.gui.acquiring", scenario, limit_s=LONG_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
