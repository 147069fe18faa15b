"""Entering what one server says into its book; each kind of event has its reader in a module of its subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lablink_dpg.books.lab import LabBook
from lablink_dpg.books.notices import Notices
from lablink_dpg.link.board import Event
from lablink_dpg.model.commands import Command
from lablink_dpg.model.health import Degradation
from lablink_dpg.model.messages import Reading, ServerEvent
from lablink_dpg.model.orders import (
    CaptureWaveform,
    ConnectDevice,
    ControlJob,
    DisconnectDevice,
    Discover,
    OrderDone,
    RunBenchmark,
)
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem
from lablink_dpg.session import alarm_events, capture_events, discovery_events, health_events, job_events
from lablink_dpg.store.stamps import to_axis_us
from lablink_dpg.store.timebase import ServerClock
from lablink_dpg.wire.fields import Stamp
from lablink_dpg.wire.timestamps import parse_start


class Reader(NamedTuple):
    read: Callable[[LabBook, Mapping[str, Any], Stamp, int], None]  # book, data, stamp, now_us; never raises
    topics: tuple[Topic, ...] = ()  # that it tells about


SCHEDULER = (Topic.JOBS, Topic.EXECUTIONS)  # a server that tells of either tells of both

READERS: Mapping[str, Reader] = {  # by type of the protocol
    "alarm_event": Reader(alarm_events.told, (Topic.ALARMS,)),
    "alarm": Reader(alarm_events.told, (Topic.ALARMS,)),  # the older form
    "alarm_updated": Reader(alarm_events.updated, (Topic.ALARMS,)),
    "alarm_cleared": Reader(alarm_events.cleared, (Topic.ALARMS,)),
    "health_changed": Reader(health_events.changed, (Topic.HEALTH,)),
    "benchmark_progress": Reader(health_events.progressed),
    "job_created": Reader(job_events.listed, SCHEDULER),
    "job_updated": Reader(job_events.listed, SCHEDULER),
    "job_deleted": Reader(job_events.deleted, SCHEDULER),
    "job_started": Reader(job_events.started, SCHEDULER),
    "job_completed": Reader(job_events.completed, SCHEDULER),
    "job_failed": Reader(job_events.failed, SCHEDULER),
    "discovery_progress": Reader(discovery_events.progress),
}
# What an order has come to beside its line for a person, by the order's type.
OUTCOMES: Mapping[type, Callable[[LabBook, OrderDone], None]] = {
    CaptureWaveform: capture_events.captured,
    Discover: discovery_events.ordered,
}


class Bookkeeper:
    """Main thread."""

    def __init__(
        self, server: str, clock: ServerClock, notices: Notices, name_of: Callable[[str], str] = lambda each: each
    ) -> None:
        """``name_of``: a device's name for a person, by its id."""
        self._name_of = name_of
        self._leaving: dict[str, str] = {}  # names of devices to be disconnected: the link may soon not know them
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
                at_us = now_us if event.at_us is None else event.at_us
                self.book.readings.take(event.equipment_id, event.stream_type, event.data, at_us)
            case OrderDone():
                enter = OUTCOMES.get(type(event.order))
                if enter is not None:
                    enter(self.book, event)
                self._notices.say(self._done(event), now_us, is_problem=not event.is_done)
        for drop in self.book.health.pop_degradations():
            self._notices.say(self._degradation(drop), now_us, is_problem=True)

    def _degradation(self, drop: Degradation) -> str:
        return health_events.degradation_words(self._name_of(drop.equipment_id), drop)

    def ordered(self, command: Command, now_us: int) -> None:
        """The person has just asked for it; what becomes of an order comes later."""
        if isinstance(command, DisconnectDevice):
            self._leaving[command.equipment_id] = self._name_of(command.equipment_id)
        if isinstance(command, RunBenchmark):
            self.book.health.ordered(command.equipment_id, now_us)

    def _done(self, done: OrderDone) -> str:
        """Enter what became of it; one line for a person, with names where the link knows ids."""
        match done.order:
            case RunBenchmark(equipment_id=equipment_id):
                health_events.benchmark_done(self.book, equipment_id, done)
                return health_events.benchmark_words(self._name_of(equipment_id), done)
            case ControlJob(job_id=job_id):
                job_events.run_ordered(self.book, done.order, done)
                return job_events.order_words(self.book.jobs.name_of(job_id), done.order, done)
            case CaptureWaveform(equipment_id=equipment_id):
                return _named(done.text, equipment_id, self._name_of(equipment_id))
            case DisconnectDevice(equipment_id=equipment_id):
                name = self._leaving.pop(equipment_id, "") or self._name_of(equipment_id)
                return _named(done.text, equipment_id, name)
            case ConnectDevice(model=model):
                new = done.data.get("equipment_id")
                if isinstance(new, str) and new:
                    name = self._name_of(new)
                    return _named(done.text, new, model if model and new in name else name)  # not listed yet
        return done.text

    def _stamp(self, text: Any, now_us: int) -> int:
        return to_axis_us(parse_start(text), self._clock, now_us)


def _named(text: str, equipment_id: str, name: str) -> str:
    """With the name in the id's place, where that is a word of its own."""
    return re.sub(rf"(?<!\w){re.escape(equipment_id)}(?!\w)", lambda _: name, text) if equipment_id else text
