"""Stopping the whole process for a while; a child thaws it, for nobody in here can."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys


def freeze(seconds: float) -> subprocess.Popen[bytes]:
    """SIGSTOP at the loop's next turn, so that the caller can answer first; SIGCONT comes after ``seconds``."""
    assert sys.platform != "win32", "refused by the script"
    child = subprocess.Popen(
        ["/bin/sh", "-c", f"sleep {seconds:f}; kill -CONT {os.getpid()}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C must not leave us frozen
    )
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGSTOP)
    return child


async def thawed(child: subprocess.Popen[bytes]) -> None:
    """Until the child has done it, or, cancelled, can be spared."""
    try:
        await asyncio.to_thread(child.wait)
    finally:
        if child.poll() is None and sys.platform != "win32":
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
