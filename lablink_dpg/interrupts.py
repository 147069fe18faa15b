"""Signals that would end the program wait until what must not be broken off is done.

A KeyboardInterrupt amid an import comes out as whatever the imported code makes of it, a RuntimeError of Python's own
class machinery for one, or as a half imported module.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held() -> Iterator[None]:
    """Main thread; elsewhere it changes nothing. Raises KeyboardInterrupt at the end if there was a signal."""
    if threading.current_thread() is not threading.main_thread():  # no signal comes here
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt
