"""Short messages for the person at the display: what an order came to, what is wrong. Never in anybody's way."""

from __future__ import annotations

from dataclasses import dataclass, replace

MAX_NOTICES = 6  # on the screen at once; the oldest goes for a new one
GOOD_STAYS_US = 6_000_000  # long enough to be read; a problem stays until somebody dismisses it
SAME_US = 60_000_000  # the same text again within this time is counted, not shown a second time


@dataclass(frozen=True, slots=True)
class Notice:
    number: int  # unique in a run
    text: str
    is_problem: bool
    at_us: int  # when it was last said
    times: int = 1


class Notices:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self._next = 1
        self._all: list[Notice] = []  # oldest first
        self._dismissed: dict[str, int] = {}  # texts, and when they were last said; bounded by MAX_NOTICES

    def say(self, text: str, now_us: int, *, is_problem: bool) -> None:
        for index, notice in enumerate(self._all):
            if notice.text == text:
                self._all[index] = replace(notice, at_us=now_us, times=notice.times + 1)
                self.revision += 1
                return
        dismissed_us = self._dismissed.get(text)
        if is_problem and dismissed_us is not None and now_us - dismissed_us < SAME_US:
            self._dismissed[text] = now_us
            return
        self._all = [*self._all, Notice(self._next, text, is_problem, now_us)][-MAX_NOTICES:]
        self._next += 1
        self.revision += 1

    def dismiss(self, number: int) -> None:
        for notice in self._all:
            if notice.number == number:
                self._dismissed.pop(notice.text, None)
                self._dismissed[notice.text] = notice.at_us
        while len(self._dismissed) > MAX_NOTICES:
            del self._dismissed[next(iter(self._dismissed))]
        self._keep([notice for notice in self._all if notice.number != number])

    def dismiss_all(self) -> None:
        for notice in tuple(self._all):
            self.dismiss(notice.number)

    def shown(self, now_us: int) -> tuple[Notice, ...]:
        """Oldest first, without those whose time is over."""
        self._keep([n for n in self._all if n.is_problem or now_us - n.at_us < GOOD_STAYS_US])
        return tuple(self._all)

    def _keep(self, kept: list[Notice]) -> None:
        if len(kept) != len(self._all):
            self._all = kept
            self.revision += 1
