"""The way in for ``lablink-dpg`` and ``python -m lablink_dpg``: Ctrl-C is never a traceback, from the first moment on.

While modules are imported an interrupt just ends the process: there is nothing yet that would have to be put in order,
and raised in the middle of an import it would show where. From then on it is the program's to handle.
"""

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130  # as model.exit_code says, which is not imported yet
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def leave_on_signals() -> None:
    """Until ``main`` has imported what it needs."""
    for number in SIGNALS:
        signal.signal(number, _leave)


def main() -> int:
    """Run the program on this process's command line."""
    leave_on_signals()
    from lablink_dpg.cli import main as program

    for number in SIGNALS:  # a prompt for a password has to give the terminal back
        signal.signal(number, signal.default_int_handler)
    try:
        return program()
    finally:
        for number in SIGNALS:  # what is left to do is Python's own, and short
            signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
