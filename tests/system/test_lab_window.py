"""Health and jobs on the screen, from a real simulator, through real clicks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.system.running import LIMIT_S, REPOSITORY


def test_a_benchmark_and_a_job_are_run_by_hand(xvfb: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.system.lab_window", str(tmp_path / "window.png")],
        env={**os.environ, "DISPLAY": xvfb},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""
