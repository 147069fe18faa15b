"""The program on a terminal of its own, as a person starts it: what it prints there, and what is typed."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0


class Terminal:
    """``with Terminal("lab:8000", "--user", "ada") as terminal: …``; the process is killed if it is still there."""

    def __init__(self, *arguments: str, environment: Mapping[str, str]) -> None:
        self.output = ""
        self._arguments = [sys.executable, "-m", "lablink_dpg", *arguments]
        self._environment = dict(environment)
        self._status: int | None = None

    def __enter__(self) -> Terminal:
        import pty  # here: it is POSIX's, and so are the tests that use it

        self._pid, self._master = pty.fork()
        if self._pid == 0:  # the child, whose next step is the last of this program
            os.chdir(REPOSITORY)
            os.execve(sys.executable, self._arguments, self._environment)
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is None:
            os.kill(self._pid, 9)
            os.waitpid(self._pid, 0)
        os.close(self._master)

    def until(self, text: str) -> None:
        end = time.monotonic() + LIMIT_S
        while text not in self.output:
            assert time.monotonic() < end, self.output
            assert self._read(), self.output

    def type(self, line: str) -> None:
        os.write(self._master, f"{line}\n".encode())

    def wait(self) -> int:
        """The exit code, once it has ended by itself."""
        end = time.monotonic() + LIMIT_S
        while self._read():
            assert time.monotonic() < end, self.output
        _, status = os.waitpid(self._pid, 0)
        self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def _read(self) -> bool:
        """Whether there may be more to come."""
        if not select.select([self._master], [], [], 0.1)[0]:
            return True
        try:
            piece = os.read(self._master, 65_536)
        except OSError:  # Linux's way to say that the last process has closed it
            return False
        self.output += piece.decode(errors="replace")
        return bool(piece)
