"""Functions of a script that are called with what a server says, in a bounded share of the main thread's time.

A handler is asked for by class (``LinkEvent``, ``ServerEvent``, ``Reading``) or by a type of the protocol
("alarm_event"). Samples are no events: they are in the session's ``series``.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from lablink_dpg.model.link import LinkEvent
from lablink_dpg.model.messages import Reading, ServerEvent
from lablink_dpg.wire.decoder import EVENT_TYPES

MAX_HANDLERS = 256  # a script has a few; more is one that registers in a loop
MAX_WAITING = 4096  # messages for which there was no time yet, as many as a link keeps itself
BUDGET_S = 0.005  # a frame for handlers: a sixth of one at 30 frames a second; what is left waits for the next
SLOW_S = 0.1  # a handler that takes so long is seen as a stutter of the display, and told once

Event: TypeAlias = LinkEvent | ServerEvent | Reading
MessageType: TypeAlias = type[LinkEvent] | type[ServerEvent] | type[Reading] | str
Handler: TypeAlias = Callable[[str, Any], object]

CLASSES: tuple[type, ...] = (LinkEvent, ServerEvent, Reading)
READING_TYPE = "stream_data"  # what the protocol calls a Reading

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Registration:
    """One call of ``add``: the same function may come twice."""

    handler: Handler
    has_complained: bool = False  # what fails sixty times a second is said once


class Handlers:
    """Main thread only."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.dropped = 0  # messages that waited too long for their handlers
        self.failures = 0  # calls that raised
        self._now_s = now_s
        self._by_type: dict[MessageType, tuple[_Registration, ...]] = {}
        self._waiting: deque[tuple[str, Event]] = deque()

    def __len__(self) -> int:
        return sum(len(each) for each in self._by_type.values())

    def add(self, message_type: MessageType, handler: Handler) -> Callable[[], None]:
        """Have ``handler(server, message)`` called with each message of that type; call what is returned to end it.

        Raises:
            ValueError: for a type that never comes here.
            TypeError: for a coroutine function, which would never run.
            RuntimeError: beyond MAX_HANDLERS.
        """
        if message_type not in (*CLASSES, *EVENT_TYPES, READING_TYPE):
            known = ", ".join((*(each.__name__ for each in CLASSES), *sorted(EVENT_TYPES), READING_TYPE))
            raise ValueError(f"no event has the type {message_type!r}; there are {known}")
        if inspect.iscoroutinefunction(handler):
            raise TypeError(f"a handler is a plain function, {handler!r} is not")
        if len(self) >= MAX_HANDLERS:
            raise RuntimeError(f"more than {MAX_HANDLERS} handlers")
        mine = _Registration(handler)
        self._by_type[message_type] = (*self._by_type.get(message_type, ()), mine)

        def remove() -> None:
            self._by_type[message_type] = tuple(each for each in self._by_type[message_type] if each is not mine)

        return remove

    def offer(self, server: str, message: Event) -> None:
        """Keep a message for ``run``, if anybody wants it; the oldest is dropped where too many wait."""
        if not self._wanting(message):
            return
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append((server, message))

    def run(self, budget_s: float = BUDGET_S) -> int:
        """Call handlers with what waits, oldest first, for about ``budget_s``; how many messages were handed out."""
        if not self._waiting:
            return 0
        done, ends_s = 0, self._now_s() + budget_s
        while self._waiting:
            server, message = self._waiting.popleft()
            for registration in self._wanting(message):
                self._call(registration, server, message)
            done += 1
            if self._now_s() >= ends_s:
                break
        return done

    def _wanting(self, message: Event) -> tuple[_Registration, ...]:
        by_class = self._by_type.get(type(message), ())
        if isinstance(message, LinkEvent):
            return by_class
        name = message.type if isinstance(message, ServerEvent) else READING_TYPE
        return by_class + self._by_type.get(name, ())

    def _call(self, registration: _Registration, server: str, message: Event) -> None:
        trouble, raised = "", None
        started_s = self._now_s()
        try:
            registration.handler(server, message)
        except Exception as error:
            self.failures += 1
            trouble, raised = f"failed: {error!r}", error
        took_s = self._now_s() - started_s
        if not trouble and took_s >= SLOW_S:
            trouble = f"took {took_s:.1f} s; so long the display stands still"
        if trouble and not registration.has_complained:
            registration.has_complained = True
            text = "the handler %r of %s %s (further trouble with it is only counted)"
            _log.warning(text, registration.handler, type(message).__name__, trouble, exc_info=raised)
