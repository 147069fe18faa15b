"""The panel of alarms and the bar over all panels, in a real window with a real pointer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT_S = 90.0  # of one scenario; they take five to ten seconds on two cores


@pytest.mark.parametrize("scenario", ["hands", "steady", "prompt"])
def test_alarms_in_the_window(xvfb: str, scenario: str) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "DISPLAY": xvfb, "PYTHONPATH": str(root), "GALLIUM_NOOP": "true"}
    command = [sys.executable, "-m", "tests.gui.alarm_window", scenario]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""
