"""The equipment panel on the simulator: real link, real window, real pointer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_devices_are_read_captured_disconnected_found_and_connected(xvfb: str) -> None:
    environment = {
        **os.environ,
        "DISPLAY": xvfb,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "GALLIUM_NOOP": "true",
    }
    command = [sys.executable, "-m", "tests.system.equipment_window"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
