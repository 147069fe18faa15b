"""Runs of the whole program as a user starts it: a process of its own, real sockets, its exit code and its report."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0  # a run that takes longer hangs


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``lablink-dpg`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "lablink_dpg", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The report on standard output, which must hold nothing else."""
    assert done.stdout.startswith("{"), (done.returncode, done.stdout[:200], done.stderr[-2000:])
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def start(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lablink_dpg", *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_file(path: Path, process: subprocess.Popen[str]) -> str:
    """Contents of a file that the process writes once it has come so far."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        if path.exists() and path.stat().st_size:
            return path.read_text()
        time.sleep(0.02)
    raise AssertionError(f"no {path} from a process that ended with {process.poll()}")
