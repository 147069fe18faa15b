"""The acquisitions' panel in a real window, moved by a real pointer; each scenario in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gui.acquiring import SCENARIOS

LIMIT_S = 90.0  # of one scenario; they take three to fifteen on two cores


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_hands_on_the_panel(xvfb: str, scenario: str) -> None:
    environment = {
        **os.environ,
        "DISPLAY": xvfb,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "GALLIUM_NOOP": "true",  # nothing is rendered, which leaves the machine to the others
    }
    command = [sys.executable, "-m", "tests.gui.acquiring", scenario]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
