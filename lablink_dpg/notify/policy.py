"""What is told of what happens, as a pure rule: the same thing once, and no more in a minute than a person can read.

The first few are told at once, each by itself. Those beyond are counted and told together as soon as there is room
again, so that a storm of alarms is a few messages, and none is passed over in silence.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from lablink_dpg.notify.message import Message, plain

MAX_IN_WINDOW = 4  # messages a minute: desktops show each for some five seconds
WINDOW_S = 60.0
REPEAT_S = 300.0  # the same thing is told again after five minutes: an alarm at its threshold comes and goes
MAX_REMEMBERED = 1000  # things that were told of; the oldest are forgotten, and would be told again
MAX_SERVERS_NAMED = 3


class Kind(StrEnum):
    ALARM = "alarm"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something worth a message. ``key`` says what it is the same as."""

    kind: Kind
    server: str
    key: tuple[str, ...]  # of its server and kind
    message: Message


class Policy:
    """``take`` what happens, ``due`` asks what to say now. Times in seconds of any clock that only goes on."""

    def __init__(self) -> None:
        self._told_s: dict[tuple[str, ...], float] = {}  # oldest first
        self._sent_s: deque[float] = deque(maxlen=MAX_IN_WINDOW)
        self._first: Happening | None = None  # of those that wait
        self._waiting: dict[Kind, int] = {}
        self._servers: dict[str, None] = {}  # of those that wait, bounded by MAX_SERVERS_NAMED + 1
        self._is_urgent = False

    def take(self, happening: Happening, now_s: float) -> None:
        key = (happening.kind, happening.server, *happening.key)
        told_s = self._told_s.get(key)
        if told_s is not None and now_s - told_s < REPEAT_S:
            return
        self._told_s.pop(key, None)
        self._told_s[key] = now_s
        if len(self._told_s) > MAX_REMEMBERED:
            del self._told_s[next(iter(self._told_s))]
        self._first = self._first or happening
        self._waiting[happening.kind] = self._waiting.get(happening.kind, 0) + 1
        if len(self._servers) <= MAX_SERVERS_NAMED:
            self._servers[happening.server] = None
        self._is_urgent |= happening.message.is_urgent

    def due(self, now_s: float) -> Message | None:
        """What to say now; asked after each ``take``, so that nothing waits for others while there is room."""
        if self._first is None:
            return None
        if len(self._sent_s) == MAX_IN_WINDOW and now_s - self._sent_s[0] < WINDOW_S:
            return None
        count = sum(self._waiting.values())
        message = self._first.message if count == 1 else self._summary()
        self._sent_s.append(now_s)
        self.forget_waiting()
        return message

    def forget_waiting(self) -> None:
        self._first, self._waiting, self._servers, self._is_urgent = None, {}, {}, False

    def _summary(self) -> Message:
        parts = []
        if alarms := self._waiting.get(Kind.ALARM, 0):
            parts.append(f"{alarms} more critical alarm{'s' * (alarms > 1)}")
        if ill := self._waiting.get(Kind.HEALTH, 0):
            parts.append(f"{ill} more device{'s' * (ill > 1)} in worse health")
        servers = list(self._servers)
        named = ", ".join(plain(server) for server in servers[:MAX_SERVERS_NAMED])
        return Message(", ".join(parts), named + ("…" if len(servers) > MAX_SERVERS_NAMED else ""), self._is_urgent)
