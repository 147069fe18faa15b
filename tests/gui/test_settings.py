"""The panel of connection and settings, moved by a real pointer, with simulators behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.windows import LONG_S, play


def drive(display: str, scenario: str, directory: Path) -> None:
    done = play(display, "tests.gui.settings_window", scenario, limit_s=LONG_S, LABLINK_DPG_CONFIG_DIR=str(directory))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"


def content(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "preferences.json").read_text(encoding="utf-8"))
    return found


def test_servers_are_connected_to_and_let_go_by_hand(xvfb: str, tmp_path: Path) -> None:
    drive(xvfb, "connect", tmp_path)
    kept = content(tmp_path)
    assert len(kept["recent_servers"]) == 2, "where nothing answered is not worth to be found again"
    assert len(kept["last_servers"]) == 1
    assert "moles" not in json.dumps(kept)


def test_what_is_chosen_counts_at_once_and_at_the_next_start(xvfb: str, tmp_path: Path) -> None:
    drive(xvfb, "choose", tmp_path)
    kept = content(tmp_path)
    assert (kept["fps"], kept["window_s"], kept["history"]) == (45.0, 2.5, 50_000)
    assert kept["docks"]["opened"] == ["settings"]
    drive(xvfb, "again", tmp_path)


def test_the_smallest_window_shows_all_of_it_by_scrolling(xvfb: str, tmp_path: Path) -> None:
    drive(xvfb, "small", tmp_path)
