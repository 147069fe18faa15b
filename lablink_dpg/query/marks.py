"""From what servers say of alarms to the marks of one plot: when they rose, how long they last, and their thresholds.

A plot shows the alarms of the devices that its streams belong to. What is told changes a few times a minute and frames
come thirty times a second, so everything is looked for once a change; a frame asks only whether the view has moved over
the beginning or the end of an alarm. Where no server tells of alarms none of this runs.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, Severity
from lablink_dpg.query.frame import AlarmMark, ThresholdLine
from lablink_dpg.query.quantities import is_same
from lablink_dpg.store.series import Series

MAX_MARKS = 64  # of one plot, the newest: on a card of 300 px more are one band
LINGER_SHARE = 4  # of the span: those that are over leave the frame a quarter of it late, several at once
MAX_THRESHOLDS = 8  # of one plot, those of open alarms and the gravest first: a device has two to four

BookOf: TypeAlias = Callable[[str], AlarmBook | None]  # a stream's key → what its own server has said of alarms


class Threshold(NamedTuple):
    value: float
    severity: Severity
    name: str
    is_open: bool  # an alarm is open because of it


class Told(NamedTuple):
    """Of one device."""

    events: tuple[AlarmEvent, ...] = ()  # oldest first
    rules: tuple[AlarmRule, ...] = ()


NOTHING = Told()


def has_told(book: AlarmBook) -> bool:
    """Whether there may be something to mark."""
    return bool(book.open or book.history or book.rules)


MAX_BOOKS = 16  # of which what they say is kept: twice as many as there are servers at once


class Alarms:
    """What the books say, by device; kept until they say something else. For the thread that builds frames."""

    def __init__(self) -> None:
        self._by_book: dict[int, tuple[AlarmBook, int, Mapping[str, Told]]] = {}  # one a server

    def of(self, book: AlarmBook, equipment_id: str) -> Told:
        """The same object as long as the book has not changed."""
        kept = self._by_book.get(id(book))
        if kept is None or kept[0] is not book or kept[1] != book.revision:
            self._by_book.pop(id(book), None)
            kept = self._by_book[id(book)] = (book, book.revision, _by_device(book))
            while len(self._by_book) > MAX_BOOKS:  # of servers that are watched no more
                del self._by_book[next(iter(self._by_book))]
        return kept[2].get(equipment_id, NOTHING)


def _by_device(book: AlarmBook) -> Mapping[str, Told]:
    events: dict[str, dict[str, AlarmEvent]] = {}
    for event in (*book.history, *book.open):  # one that is in both is as the open ones say
        if event.equipment_id:
            events.setdefault(event.equipment_id, {})[event.event_id] = event
    rules: dict[str, list[AlarmRule]] = {}
    for rule in book.rules.values():
        if rule.equipment_id:
            rules.setdefault(rule.equipment_id, []).append(rule)
    return {
        device: Told(
            tuple(sorted(events.get(device, {}).values(), key=lambda event: event.triggered_us)),
            tuple(rules.get(device, ())),
        )
        for device in (*events, *(each for each in rules if each not in events))
    }


def end_us(event: AlarmEvent) -> float:
    """When it was over; infinite while it is open. One that nobody saw end is a moment."""
    if event.is_open:
        return math.inf
    return max(event.triggered_us, event.cleared_us or event.triggered_us)


def thresholds_of(told: Told, channels: Sequence[str]) -> list[Threshold]:
    """Those of a device that belong to one of ``channels``, open alarms before rules."""
    rules = {rule.alarm_id: rule for rule in told.rules}
    found = []
    for event in told.events:
        if event.is_open and any(is_same(event.parameter, channel) for channel in channels):
            rule = rules.get(event.alarm_id)
            values = (event.threshold,) if event.threshold is not None else rule.thresholds if rule else ()
            found += [Threshold(value, event.severity, event.name, True) for value in values]
    for rule in told.rules:
        if rule.is_enabled and any(is_same(rule.parameter, channel) for channel in channels):
            found += [Threshold(value, rule.severity, rule.name, False) for value in rule.thresholds]
    return [each for each in found if math.isfinite(each.value)]


def chosen(thresholds: Iterable[Threshold]) -> tuple[Threshold, ...]:
    """One a value, MAX_THRESHOLDS at most: of open alarms first, then the gravest."""
    by_value: dict[float, Threshold] = {}
    ranked = sorted(thresholds, key=lambda each: (not each.is_open, -each.severity.rank, each.value))
    for each in ranked:
        by_value.setdefault(each.value, each)
    return tuple(by_value.values())[:MAX_THRESHOLDS]


@dataclass(slots=True)
class MarkMemory:
    """What is kept of one plot's marks between frames."""

    told: tuple[Told, ...] = ()  # of the devices of the plot's streams, for which the next four are made
    events: tuple[AlarmEvent, ...] = ()  # oldest first
    starts_us: tuple[int, ...] = ()
    latest_end_us: tuple[float, ...] = ()  # of this and all older events
    thresholds: tuple[Threshold, ...] = ()
    values: tuple[float, ...] = ()  # of the thresholds
    marks: tuple[AlarmMark, ...] = ()  # good for views from …
    origin_us: int = 0  # … of this origin, and from the next two on …
    left_us: float = math.inf
    right_us: float = math.inf
    left_until_us: float = -math.inf  # … until alarms have left the view, …
    right_until_us: float = -math.inf  # … or another one comes into it
    lines: tuple[ThresholdLine, ...] = ()
    lines_key: tuple[object, ...] = ()

    def learn(self, devices: Sequence[tuple[Told, tuple[str, ...]]]) -> bool:
        """Take in what is told of each device and which channels of it are drawn; whether thresholds changed."""
        told = tuple([each for each, _ in devices])
        if told == self.told:
            return False
        self.told = told
        once = {event.event_id: event for each in told for event in each.events}
        self.events = tuple(sorted(once.values(), key=lambda event: event.triggered_us))
        self.starts_us = tuple(event.triggered_us for event in self.events)
        self.latest_end_us = tuple(accumulate(map(end_us, self.events), max))
        self.left_until_us = -math.inf
        before = self.thresholds
        self.thresholds = chosen(found for each, channels in devices for found in thresholds_of(each, channels))
        self.values = tuple(each.value for each in self.thresholds)
        return self.thresholds != before

    def in_view(self, left_us: int, right_us: int, origin_us: int) -> tuple[AlarmMark, ...]:
        """Alarms of which something lies in the view, oldest first; the same object while they stay the same.

        Some may have just left it: to draw them costs less than to draw the others anew each time that one leaves.
        """
        if (
            self.left_us <= left_us <= self.left_until_us
            and self.right_us <= right_us < self.right_until_us
            and origin_us == self.origin_us
        ):
            return self.marks
        stop = bisect_right(self.starts_us, right_us)
        shown: list[AlarmEvent] = []
        for index in range(stop - 1, -1, -1):
            if self.latest_end_us[index] < left_us or len(shown) == MAX_MARKS:
                break
            if end_us(self.events[index]) >= left_us:
                shown.append(self.events[index])
        self.origin_us, self.left_us, self.right_us = origin_us, left_us, right_us
        self.left_until_us = max(
            min(map(end_us, shown), default=math.inf), left_us + (right_us - left_us) / LINGER_SHARE
        )
        self.right_until_us = self.starts_us[stop] if stop < len(self.starts_us) else math.inf
        marks = tuple(_mark(event, origin_us) for event in reversed(shown))
        if marks != self.marks:
            self.marks = marks
        return self.marks

    def lines_in(self, limits: tuple[float, float], y_origin: float) -> tuple[ThresholdLine, ...]:
        """Thresholds inside the limits, which are given minus ``y_origin``."""
        key = (self.thresholds, limits, y_origin)
        if key != self.lines_key:
            low, high = limits
            lines = [ThresholdLine(each.value - y_origin, *each) for each in self.thresholds]
            self.lines_key, self.lines = key, tuple(line for line in lines if low <= line.at <= high)
        return self.lines


def _mark(event: AlarmEvent, origin_us: int) -> AlarmMark:
    until_us = end_us(event)
    until_s = None if math.isinf(until_us) else (until_us - origin_us) * 1e-6
    return AlarmMark(event, (event.triggered_us - origin_us) * 1e-6, until_s)


def devices_of(
    streams: Sequence[str],
    by_stream: Mapping[str, Series],
    channels: Mapping[str, tuple[str, ...]],
    book_of: BookOf,
    alarms: Alarms,
) -> list[tuple[Told, tuple[str, ...]]]:
    """What is told of the device of each stream of a plot, with the stream's channels in it."""
    found = []
    for stream in streams:
        series, book = by_stream.get(stream), book_of(stream)
        if series is not None and book is not None and series.info.equipment_id:
            found.append((alarms.of(book, series.info.equipment_id), channels[stream]))
    return found
