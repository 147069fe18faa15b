"""A display of our own for windows under test, as a fixture; a machine without Xvfb fails, it does not skip."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

SCREEN = "1600x1000x24"
START_S = 20.0  # a machine whose cores are all busy


def need(program: str, package: str) -> str:
    """Path of a program, or a failure that says what to install."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is missing: tests of the window need it (Debian: apt-get install {package})")
    return path


@pytest.fixture(scope="session")
def xvfb() -> Iterator[str]:
    """Name of a fresh display (":123"), ended after the session.

    The server picks a free number itself and tells it through a pipe, so two runs never fight. ``-noreset`` keeps the
    pointer where it is when one window closes before the next opens.
    """
    program = need("Xvfb", "xvfb")
    need("xdotool", "xdotool")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [
            program,
            "-displayfd",
            str(writer),
            "-screen",
            "0",
            SCREEN,
            "+extension",
            "GLX",
            "-noreset",
            "-nolisten",
            "tcp",
        ],
        pass_fds=(writer,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        if not number:
            pytest.fail("Xvfb ended before it named its display")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(START_S)
