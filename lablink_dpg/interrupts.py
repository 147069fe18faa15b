"""Signals that would end the program wait until what must not be broken off is done.

A KeyboardInterrupt amid an import comes out as whatever the imported code makes of it, a RuntimeError of Python's own
class machinery for one, as a half imported module, or, in C, as a crash.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held() -> Iterator[None]:
    """Main thread; elsewhere it changes nothing. Raises KeyboardInterrupt at the end if there was a signal, or at the
    second: what is waited for may hang."""
    if threading.current_thread() is not threading.main_thread():  # no signal comes here
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            raise KeyboardInterrupt

    with ExitStack() as restored:
        for number in SIGNALS:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:  # what the program is not to hear it need not hear later
                restored.callback(signal.signal, number, before)
                signal.signal(number, note)
        try:
            yield
        except Exception as error:
            if came:
                raise KeyboardInterrupt from error
            raise
    if came:
        raise KeyboardInterrupt
