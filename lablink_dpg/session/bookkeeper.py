"""Entering what one server says into its book; each kind of event has its reader in a module of its subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from lablink_dpg.books.lab import LabBook
from lablink_dpg.books.notices import Notices
from lablink_dpg.link.board import Event
from lablink_dpg.model.messages import Reading, ServerEvent
from lablink_dpg.model.orders import CaptureWaveform, Discover, OrderDone
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem
from lablink_dpg.session import capture_events, discovery_events
from lablink_dpg.store.stamps import to_axis_us
from lablink_dpg.store.timebase import ServerClock
from lablink_dpg.wire.timestamps import parse_start

Stamp: TypeAlias = Callable[[Any], int]  # from a time as the server writes it to Unix µs; now for anything else


class Reader(NamedTuple):
    read: Callable[[LabBook, Mapping[str, Any], Stamp, int], None]  # book, data, stamp, now_us; never raises
    topics: tuple[Topic, ...] = ()  # that it tells about


READERS: Mapping[str, Reader] = {  # by type of the protocol
    "discovery_progress": Reader(discovery_events.progress),
}
# What an order has come to beside its line for a person, by the order's type.
OUTCOMES: Mapping[type, Callable[[LabBook, OrderDone], None]] = {
    CaptureWaveform: capture_events.captured,
    Discover: discovery_events.ordered,
}


class Bookkeeper:
    """Main thread."""

    def __init__(self, server: str, clock: ServerClock, notices: Notices) -> None:
        self.book = LabBook(server)
        self._clock = clock
        self._notices = notices

    def take(self, event: Event, now_us: int) -> None:
        match event:
            case ServerEvent():
                reader = READERS.get(event.type)
                if reader is not None:
                    reader.read(self.book, event.data, lambda text: self._stamp(text, now_us), now_us)
                    self.book.told(reader.topics, now_us)
            case TopicAnswer():
                self.book.take_list(event)
            case TopicProblem():
                self.book.take_problem(event)
            case Reading():
                self.book.readings.take(event.equipment_id, event.stream_type, event.data, now_us)
            case OrderDone():
                enter = OUTCOMES.get(type(event.order))
                if enter is not None:
                    enter(self.book, event)
                self._notices.say(event.text, now_us, is_problem=not event.is_done)

    def _stamp(self, text: Any, now_us: int) -> int:
        return to_axis_us(parse_start(text), self._clock, now_us)
