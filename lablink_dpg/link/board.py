"""What the link shows to other threads: one frozen status, swapped whole, and a bounded queue of events.

It is the only door for texts, so it is where secrets are blanked: a server may repeat a token in an error of its own.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from lablink_dpg import logs
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.link import DeviceReading, LinkEvent, LinkState, LinkStatus, Mode, StreamState
from lablink_dpg.model.messages import Reading, ServerEvent
from lablink_dpg.model.orders import OrderDone
from lablink_dpg.model.topic import TopicAnswer, TopicProblem
from lablink_dpg.model.waveform import Waveform

Event: TypeAlias = LinkEvent | ServerEvent | Reading | TopicAnswer | TopicProblem | OrderDone

SOON_US = 33_000  # a display shows no more of what is published more often
MAX_EVENTS = 4096  # a minute of a busy server while nobody drains
MAX_EVENT_BYTES = 16 * 2**20  # of all that are queued, roughly: one event may be as large as a message
ITEM_BYTES = 1000  # of a frozen line of a list, with its texts
VALUE_BYTES = 64  # of an object besides its text: what Python needs for a short string or a number in a container
REPEAT_US = 30_000_000  # the same line again says nothing new within half a minute
MAX_REMEMBERED_LINES = 256
BLANK = "•••"
UP = (LinkState.STREAMING, LinkState.POLLING)

_log = logging.getLogger("lablink_dpg.link")


class Board:
    """Written by the network thread; ``status``, ``dropped_events`` and ``drain`` are for any one other thread."""

    def __init__(self, server: str, mode: Mode, tally: Tally, streams: Streams, now_us: Callable[[], int]) -> None:
        self.status = LinkStatus(server=server, mode=mode, since_us=now_us())  # swapped whole by the writer
        self.dropped_events = 0  # raised by the writer when the queue was full
        self.readings: Callable[[], Mapping[tuple[str, str], DeviceReading]] = dict  # of the devices; set by the link
        self.is_watched = False  # somebody looks at the readings; set by the link
        self._published_us = now_us()
        self._state_us: dict[LinkState, int] = {}  # spent in each state, but for the present one since ``since_us``
        self._blanked = logs.Blanks(BLANK)
        self._tally = tally
        self._streams = streams
        self._now_us = now_us
        self._events: deque[tuple[int, Event]] = deque()  # with its size; both ends are atomic
        self._posted_bytes = 0  # less those of dropped events; changed by the writer only
        self._drained_bytes = 0  # changed by the reader only, so that no lock is needed
        self.on_post: Callable[[Event], object] = bool  # called by the writer when it can be drained
        self._said_us: dict[str, int] = {}
        self._first_said: dict[str, tuple[str, int]] = {}  # by what is said of all: of whom first, and when

    def enter(
        self, state: LinkState, reason: str, next_retry_us: int | None = None, *, is_failure: bool = False
    ) -> None:
        """A new state, or a new reason to be in it; shown and logged at once. ``is_failure``: nobody wanted it."""
        now_us = self._now_us()
        before = self.status.state
        is_new = state is not before
        is_lost = is_failure and before in UP
        if is_new:
            self._state_us[before] = self._state_us.get(before, 0) + now_us - self.status.since_us
        self.status = replace(
            self.status,
            state=state,
            reason=self._blanked(reason),
            since_us=now_us if is_new else self.status.since_us,
            next_retry_us=next_retry_us,
        )
        self.publish()
        said = "connection lost" if is_lost else state.value
        self.say(
            f"{said}: {reason}" if reason and not reason.startswith(said) else reason or said,
            is_warning=state is LinkState.WAITING or is_lost,
            is_always=is_new and (before in UP or state in UP),  # or the log ends with a loss that is long over
        )

    def show(self, **changes: object) -> None:
        """Change other fields of the status, as ``dataclasses.replace`` does."""
        clean = {name: self._blanked(each) if type(each) is str else each for name, each in changes.items()}
        self.status = replace(self.status, **clean)  # type: ignore[arg-type]

    def hide(self, secret: str) -> None:
        """Have no text show it from now on: not here, and not in the log."""
        self._blanked.add(secret)
        logs.hide(secret)

    def publish(self) -> None:
        """Freeze counters and streams as they are now."""
        self._published_us = self._now_us()
        readings = self.readings()
        active = self._streams.active + sum(each.state is StreamState.STREAMING for each in readings.values())
        self.status = replace(
            self.status,
            counters=self._tally.frozen(active, self._state_s()),
            streams=self._streams.frozen(),
            readings=readings,
        )

    def publish_soon(self) -> None:
        """There is a new reading: at once for whoever looks, but of many in a row all but the first with the others."""
        if self.is_watched and self._now_us() - self._published_us >= SOON_US:
            self.publish()

    def _state_s(self) -> Mapping[LinkState, float]:
        state_us = dict(self._state_us)
        present = self.status.state
        state_us[present] = state_us.get(present, 0) + self._now_us() - self.status.since_us
        return MappingProxyType({state: spent_us / 1e6 for state, spent_us in state_us.items()})

    def say(self, text: str, *, is_warning: bool = False, is_always: bool = False) -> None:
        """One line for the person's log, unless it was just said and a person has not done it again."""
        text = self._blanked(text)
        now_us = self._now_us()
        said_us = self._said_us.pop(text, None)
        is_news = said_us is None or now_us - said_us >= REPEAT_US
        self._said_us[text] = now_us if said_us is None or is_news else said_us
        if not is_news and not is_always:
            return
        if len(self._said_us) > MAX_REMEMBERED_LINES:
            del self._said_us[next(iter(self._said_us))]  # the one that was said longest ago
        _log.log(logging.WARNING if is_warning else logging.INFO, "%s: %s", self.status.server, text)
        self.post(LinkEvent(now_us, text, is_warning, self.status.server))

    def say_of_one(self, text: str, of_all: str, *, is_warning: bool = True) -> None:
        """A line about one of many: where the same befalls another within half a minute, that is the one line
        ``of_all``, and no further ones. ``of_all`` names the cause, nothing of the one."""
        now_us = self._now_us()
        first, said_us = self._first_said.get(of_all, (text, now_us))
        if now_us - said_us >= REPEAT_US:
            first, said_us = text, now_us
        self._first_said.pop(of_all, None)
        self._first_said[of_all] = first, said_us
        if len(self._first_said) > MAX_REMEMBERED_LINES:
            del self._first_said[next(iter(self._first_said))]
        self.say(text if text == first else of_all, is_warning=is_warning)

    def say_of_stream(self, name: str, what: str, *, is_warning: bool = True) -> None:
        """``say_of_one`` where what befell it has no cause to be told."""
        self.say_of_one(f"{name}: {what}", f"several streams: {what}", is_warning=is_warning)

    def post(self, event: Event) -> None:
        """Queue it; the oldest are dropped and counted where there is no room, itself if it alone is too large."""
        size = _size_of(event)
        self._events.append((size, event))
        self._posted_bytes += size
        # While the reader drains, what it just took may count still: one more is dropped than need be, never one less.
        while len(self._events) > MAX_EVENTS or self._posted_bytes - self._drained_bytes > MAX_EVENT_BYTES:
            try:
                dropped, _ = self._events.popleft()
            except IndexError:  # the reader was faster
                break
            self._posted_bytes -= dropped
            self.dropped_events += 1
        self.on_post(event)

    def drain(self) -> list[Event]:
        """Everything queued since the last call, oldest first. One reader."""
        out: list[Event] = []
        while self._events:
            try:
                size, event = self._events.popleft()
            except IndexError:  # the writer has just dropped the last one
                break
            self._drained_bytes += size
            out.append(event)
        return out


def _size_of(event: Event) -> int:
    match event:
        case LinkEvent():
            return rough_bytes(event.text)
        case TopicAnswer():
            return ITEM_BYTES * (1 + len(event.items))
        case TopicProblem():
            return rough_bytes(event.why)
        case _:
            return rough_bytes(event.data)


def rough_bytes(value: object) -> int:
    """About what decoded JSON, or a waveform, takes in memory; right within a factor of two or so."""
    size = 0
    left = [value]
    while left:
        each = left.pop()
        size += VALUE_BYTES
        if isinstance(each, str):
            size += len(each)
        elif isinstance(each, Waveform):
            size += each.time_s.nbytes + each.volts.nbytes
        elif isinstance(each, Mapping):
            left.extend(each.keys())
            left.extend(each.values())
        elif isinstance(each, list | tuple):
            left.extend(each)
    return size
