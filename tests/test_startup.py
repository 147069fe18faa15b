"""What the command line and the first frame do not import: time that a person would wait."""

from __future__ import annotations

import subprocess
import sys

import pytest

NETWORK = {"asyncio", "httpx", "ssl", "websockets"}
HEAVY = {"anyio", "desktop_notifier", "email", "keyring", "psutil", "starlette", "uvicorn"} | NETWORK


def imported_by(words: str) -> set[str]:
    """Modules that are there after these words, but for those of the test environment itself."""
    script = f"import sys; before = set(sys.modules); {words}; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_the_command_line_knows_neither_numbers_nor_network_nor_window() -> None:
    assert not imported_by("import lablink_dpg.cli") & ({"numpy", "dearpygui", "lablink_dpg.run"} | HEAVY)


@pytest.mark.parametrize("words", ["import lablink_dpg.run", "import lablink_dpg.gui.window"])
def test_what_a_window_needs_knows_no_network(words: str) -> None:
    assert not imported_by(words) & HEAVY


def test_a_session_is_made_without_the_network_and_its_thread_brings_it() -> None:
    words = "from lablink_dpg.session import connect; session = connect('127.0.0.1:9')"
    assert not imported_by(words) & HEAVY
    assert imported_by(f"{words}; session.start(); session.stop()") >= NETWORK
