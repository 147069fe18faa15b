"""Stopping the whole process for a while; a child thaws it, for nobody in here can."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress


def freeze(seconds: float) -> Callable[[], None]:
    """SIGSTOP at the loop's next turn, so that the caller can answer first; SIGCONT comes after ``seconds``.

    What is returned has to be called some time after that: it sees the child off.
    """
    assert sys.platform != "win32", "refused by the script"
    child = subprocess.Popen(
        ["/bin/sh", "-c", f"sleep {seconds:f}; kill -CONT {os.getpid()}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C must not leave us frozen
    )
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGSTOP)

    def see_off() -> None:
        if child.poll() is None and sys.platform != "win32":
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    return see_off
