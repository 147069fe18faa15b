"""What a run says to the shell that started it. Scripts rely on these numbers; ``--help`` prints this table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    NO_DISPLAY = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells count


EXIT_MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.OK: "ended by the user, by SIGINT or by --duration, and nothing was wrong",
    ExitCode.FAILED: "something failed during the run: --verify found a mismatch, a file could not be written, ...",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.NO_DISPLAY: "there is no display for a window; --headless needs none",
    ExitCode.INTERRUPTED: "interrupted before or after the run itself",
}
