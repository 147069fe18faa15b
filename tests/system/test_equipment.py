"""The equipment panel on the simulator: real link, real window, real pointer."""

from __future__ import annotations

from tests.support.windows import LONG_S, play


def test_devices_are_read_captured_disconnected_found_and_connected(xvfb: str) -> None:
    done = play(xvfb, "tests.system.equipment_window", limit_s=LONG_S)
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
