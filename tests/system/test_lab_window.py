"""Health and jobs on the screen, from a real simulator, through real clicks."""

from __future__ import annotations

from pathlib import Path

from tests.support.windows import play


def test_a_benchmark_and_a_job_are_run_by_hand(xvfb: str, tmp_path: Path) -> None:
    done = play(xvfb, "tests.system.lab_window", tmp_path / "window.png", is_seen=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""
