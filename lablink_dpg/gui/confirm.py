"""Asking twice without a question in anybody's way: the button itself asks, and the second press within a while means
it."""

from __future__ import annotations

from collections.abc import Hashable

WAIT_US = 4_000_000  # to read one word and press again; after it, a press is a first one


class Confirm:
    """Main thread."""

    def __init__(self) -> None:
        self._asked: Hashable = None
        self._until_us = 0

    def press(self, what: Hashable, now_us: int) -> bool:
        """Whether it is meant. ``what`` tells the thing and what is to be done to it: another is asked for anew."""
        if self.asks(what, now_us):
            self._asked = None
            return True
        self._asked, self._until_us = what, now_us + WAIT_US
        return False

    def asks(self, what: Hashable, now_us: int) -> bool:
        """Whether it waits for the second press."""
        return self._asked == what and now_us < self._until_us

    def forget(self) -> None:
        self._asked = None
