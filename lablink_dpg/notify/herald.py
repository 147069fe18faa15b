"""Looks into the books for what a person should be told of, and has it told.

Asked on every turn of a loop, frames or not: alarms must arrive while the window is minimised. Where nothing has
changed it compares a number or two a server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lablink_dpg.books.health import HealthBook
from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.alarm import AlarmEvent, Severity
from lablink_dpg.model.health import HealthStatus
from lablink_dpg.notify import message
from lablink_dpg.notify.message import Message
from lablink_dpg.notify.policy import Happening, Kind, Policy

TOLD_FROM = Severity.CRITICAL  # lesser ones can wait until somebody looks
ILL_FROM = HealthStatus.WARNING  # … and so can a device that is only not quite well
NAME_WAIT_S = 3.0  # a list of what is open says nothing of names: that of the rules comes a moment later
MAX_NAMELESS = 64  # alarms that wait for it; more are told without
MAX_DEVICES = 4096  # of all servers, whose health is remembered: a lab has hundreds


class Herald:
    """Main thread."""

    def __init__(self, tell: Callable[[Message], object], *, is_on: bool = True) -> None:
        """``tell`` must return at once and never raise."""
        self.is_on = is_on  # may be changed at any time; what happens while it is off is not told later
        self._tell = tell
        self._policy = Policy()
        self._nameless: list[tuple[str, AlarmEvent, float]] = []  # server, event, until when it waits for its name
        self._revisions: dict[str, int] = {}  # of the health books, by server
        self._ranks: dict[tuple[str, str], int] = {}  # of health by server and device, as last known

    def step(self, books: Sequence[LabBook], now_s: float) -> None:
        """``now_s``: of a clock that only goes on."""
        waiting, self._nameless = self._nameless, []
        for book in books:
            for server, event, until_s in waiting:
                if server == book.server:
                    self._take_alarm(book, event, now_s, until_s)
            for event in book.alarms.drain_new():
                if event.severity.rank >= TOLD_FROM.rank:
                    self._take_alarm(book, event, now_s, now_s + NAME_WAIT_S)
            if self._revisions.get(book.server) != book.health.revision:
                self._revisions[book.server] = book.health.revision
                self._look_at_health(book.server, book.health, now_s)
        self._say(now_s)

    def _take_alarm(self, book: LabBook, event: AlarmEvent, now_s: float, until_s: float) -> None:
        event = book.alarms.find(event.event_id) or event
        if not event.name and now_s < until_s and len(self._nameless) < MAX_NAMELESS:
            self._nameless.append((book.server, event, until_s))
            return
        what = (event.alarm_id or event.event_id, event.equipment_id)
        self._take(Happening(Kind.ALARM, book.server, what, message.of_alarm(book.server, event)), now_s)

    def _look_at_health(self, server: str, book: HealthBook, now_s: float) -> None:
        """What is ill when it is first heard of was so before: only what gets worse is news."""
        for device, health in book.reports.items():
            rank = health.status.rank
            if rank is None:
                continue  # what is not known is neither better nor worse
            before = self._ranks.pop((server, device), None)
            self._ranks[(server, device)] = rank  # as the newest
            if len(self._ranks) > MAX_DEVICES:
                del self._ranks[next(iter(self._ranks))]
            if before is not None and rank > before and rank >= (ILL_FROM.rank or 0):
                what = (device, health.status.value)
                self._take(Happening(Kind.HEALTH, server, what, message.of_health(server, health)), now_s)

    def _take(self, happening: Happening, now_s: float) -> None:
        if self.is_on:
            self._policy.take(happening, now_s)
            self._say(now_s)

    def _say(self, now_s: float) -> None:
        if not self.is_on:
            self._policy.forget_waiting()
            return
        due = self._policy.due(now_s)
        if due is not None:
            self._tell(due)
