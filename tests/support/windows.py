"""Windows under test, each in a process of its own: the library survives one window a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from tests.system.running import LIMIT_S, REPOSITORY

LONG_S = 90.0  # of scenarios that take five to fifteen seconds on two cores, where others take two to eight


def play(
    display: str, module: str, *words: object, is_seen: bool = False, limit_s: float = LIMIT_S, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a module of windows to its end.

    Unless ``is_seen`` nothing is rendered, which leaves the machine to others.
    """
    environment = {**os.environ, "DISPLAY": display, "PYTHONPATH": str(REPOSITORY), **variables}
    if not is_seen:
        environment["GALLIUM_NOOP"] = "true"
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, words)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )


def drive(display: str, scenario: str, picture: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A scenario of ``tests.gui.driver``, seen where it takes a picture."""
    words = () if picture is None else (picture,)
    return play(display, "tests.gui.driver", scenario, *words, is_seen=picture is not None)


def pixels(picture: Path) -> np.ndarray:
    """(height, width, 3)."""
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGB"), np.int16)
