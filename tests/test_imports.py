"""The import contracts can fail: a copy of the package in which every rule is broken is found out, rule by rule.

That the real package keeps them is the business of ``lint-imports`` in ``.ci/run``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# file in the package, the line it must not contain, what is said about it
OFFENCES = [
    ("gui/a.py", "import lablink_dpg.link.address", "lablink_dpg.gui is not allowed to import lablink_dpg.link"),
    ("gui/b.py", "import asyncio", "lablink_dpg.gui is not allowed to import asyncio"),
    ("gui/c.py", "import lablink_dpg.sim.c", "lablink_dpg.gui is not allowed to import lablink_dpg.sim"),
    ("sim/c.py", "from concurrent import futures", "lablink_dpg.gui is not allowed to import concurrent"),
    ("query/a.py", "import lablink_dpg.wire", "lablink_dpg.query is not allowed to import lablink_dpg.wire"),
    ("query/b.py", "from threading import Lock", "lablink_dpg.query is not allowed to import threading"),
    ("query/d.py", "import dearpygui.dearpygui as dpg", "lablink_dpg.query.d -> dearpygui"),
    ("store/a.py", "import lablink_dpg.clock", "lablink_dpg.store is not allowed to import lablink_dpg.clock"),
    ("store/b.py", "import lablink_dpg.wire", "lablink_dpg.store is not allowed to import lablink_dpg.wire"),
    ("wire/a.py", "import socket", "lablink_dpg.wire is not allowed to import socket"),
    ("model/a.py", "import time", "lablink_dpg.model is not allowed to import time"),
    ("model/b.py", "import lablink_dpg.settings", "lablink_dpg.model is not allowed to import lablink_dpg.settings"),
    ("link/backoff.py", "import time", "lablink_dpg.link.backoff is not allowed to import time"),
    ("link/machine.py", "import asyncio", "lablink_dpg.link.machine is not allowed to import asyncio"),
    ("link/planner.py", "import threading", "lablink_dpg.link.planner is not allowed to import threading"),
    ("attic/__init__.py", "", "- lablink_dpg.attic"),  # a room without a place in the layers
]


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What lint-imports says of a copy with all the offences."""
    repository = Path(__file__).resolve().parent.parent
    copy = tmp_path_factory.mktemp("broken")
    shutil.copytree(
        repository / "lablink_dpg", copy / "lablink_dpg", ignore=shutil.ignore_patterns("fonts", "__pycache__")
    )
    shutil.copy(repository / "pyproject.toml", copy)
    for name, line, _ in OFFENCES:
        path = copy / "lablink_dpg" / name
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(f"\n{line}\n")
    command = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"]
    environment = {**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("name", "line", "expected"), OFFENCES, ids=[f"{name}: {line}" for name, line, _ in OFFENCES])
def test_a_walk_through_a_wall_is_found_out(name: str, line: str, expected: str, verdict: str) -> None:
    assert expected in verdict
