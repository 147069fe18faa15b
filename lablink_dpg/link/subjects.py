"""The lists that are asked for over REST: where each is, how often, and who reads it. One line a topic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from lablink_dpg.model.topic import Topic
from lablink_dpg.wire import alarms

Stamp: TypeAlias = Callable[[Any], int]  # from a time as the server writes it to Unix µs; now for anything else
MAX_ITEMS = 5000  # of one list that are read


class Subject(NamedTuple):
    path: str
    every_s: float  # between two lists while nobody looks
    watched_s: float  # while somebody does
    parse: Callable[[Any, Stamp], Iterable[Any]]  # answer → frozen values of ``model``; never raises


SUBJECTS: Mapping[Topic, Subject] = {
    # Alarms are told at once where the WebSocket lives; where it is silent, nobody may wait longer than this.
    Topic.ALARMS: Subject("/api/alarms/events/active", 5.0, 2.0, alarms.events_of),
    Topic.RULES: Subject("/api/alarms", 30.0, 5.0, alarms.rules_of),
}
