"""Alarms as words: the lines of the list, the details of one, how they are known.

Pure: time, books and links are arguments. A severity is a colour, a symbol of a shape of its own and a word.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import words
from lablink_dpg.gui.device_names import device_names, name_of
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, AlarmState, Severity
from lablink_dpg.model.link import LinkState, LinkStatus
from lablink_dpg.model.topic import Topic, TopicStatus
from lablink_dpg.query.names import names_of_several


class Look(NamedTuple):
    symbol: str
    word: str
    tone: Tone


# No two shapes alike: whoever tells neither red from amber nor one triangle from another still knows them apart.
LOOKS: Mapping[Severity, Look] = {
    Severity.CRITICAL: Look("■", "critical", Tone.BAD),
    Severity.ERROR: Look("◆", "error", Tone.BAD),
    Severity.WARNING: Look("△", "warning", Tone.WARN),
    Severity.INFO: Look("○", "info", Tone.INFO),
}
CONDITIONS: Mapping[str, str] = {
    "greater_than": ">",
    "less_than": "<",
    "equal_to": "=",
    "not_equal_to": "≠",
    "in_range": "in",
    "out_of_range": "not in",
}
NO_NAME = "alarm without a name"


class Key(NamedTuple):
    """Which event: its id is unique on its server."""

    server: str
    event_id: str

    @property
    def text(self) -> str:
        return f"{self.server}\n{self.event_id}"  # no id has a line break


class Word(NamedTuple):
    text: str
    tone: Tone = Tone.PLAIN


class Line(NamedTuple):
    """An event with what else is known around it."""

    key: Key
    event: AlarmEvent
    rule: AlarmRule | None
    device: str  # as an engineer calls it; "" where it belongs to none
    server: str  # short; "" where there is but one

    @property
    def name(self) -> str:
        return self.event.name or self.event.message or self.event.parameter or NO_NAME

    @property
    def place(self) -> str:
        return " · ".join(part for part in (self.server, self.device) if part)


class Cells(NamedTuple):
    """In the order of importance: a narrow list goes without the last ones."""

    severity: Word
    what: Word
    since: Word
    state: Word
    server: Word
    value: Word
    device: Word


@dataclass(frozen=True, slots=True)
class Details:
    key: Key
    title: Word
    text: str
    seen: str  # who acknowledged it, or that it is over: in the place of the fields
    is_open: bool
    can_acknowledge: bool
    alarm_id: str  # to be cleared; "" where that cannot be


# ---------------------------------------------------------------------- which


def open_lines(books: Sequence[LabBook], links: Sequence[LinkStatus]) -> list[Line]:
    """Of all servers, gravest first, then newest."""
    found = list(_lines(books, links, is_history=False))
    return sorted(found, key=lambda line: (-line.event.severity.rank, -line.event.triggered_us, line.key))


def history_lines(books: Sequence[LabBook], links: Sequence[LinkStatus]) -> list[Line]:
    """Everything of this session, newest first."""
    found = list(_lines(books, links, is_history=True))
    return sorted(found, key=lambda line: (-line.event.triggered_us, line.key))


def find(books: Sequence[LabBook], links: Sequence[LinkStatus], key: Key) -> Line | None:
    book = next((book for book in books if book.server == key.server), None)
    event = None if book is None else book.alarms.find(key.event_id)
    return None if book is None or event is None else _line(book, event, *_surroundings(books, links))


def _lines(books: Sequence[LabBook], links: Sequence[LinkStatus], *, is_history: bool) -> Iterator[Line]:
    devices, servers = _surroundings(books, links)
    for book in books:
        for event in (*book.alarms.open, *book.alarms.history) if is_history else book.alarms.open:
            yield _line(book, event, devices, servers)


def _surroundings(
    books: Sequence[LabBook], links: Sequence[LinkStatus]
) -> tuple[Mapping[tuple[str, str], str], Mapping[str, str]]:
    """Devices' names by server and id, and servers' short names; the latter only where there are several."""
    return device_names(links, has_servers=False), names_of_several(book.server for book in books)


def _line(book: LabBook, event: AlarmEvent, devices: Mapping[tuple[str, str], str], servers: Mapping[str, str]) -> Line:
    device = name_of(devices, book.server, event.equipment_id)
    rule = book.alarms.rules.get(event.alarm_id)
    return Line(Key(book.server, event.event_id), event, rule, device, servers.get(book.server, ""))


# ---------------------------------------------------------------------- a row


def cells(line: Line, now_us: int) -> Cells:
    event, look = line.event, LOOKS[line.event.severity]
    is_waiting = event.state is AlarmState.ACTIVE
    return Cells(
        Word(f"{look.symbol} {look.word}", look.tone if event.is_open else Tone.MUTED),
        Word(line.name, Tone.PLAIN if is_waiting else Tone.MUTED),
        Word(age(event, now_us), Tone.MUTED),
        Word(state_word(event), Tone.WARN if is_waiting else Tone.GOOD if event.is_open else Tone.MUTED),
        Word(line.server, Tone.MUTED),
        Word(value_word(line), Tone.PLAIN if event.is_open else Tone.MUTED),
        Word(line.device, Tone.MUTED),
    )


def tip(line: Line) -> str:
    """What a narrow list has to leave out."""
    parts = (line.place, line.event.message, f"{line.event.parameter} {value_word(line)}".strip())
    return "\n".join(part for part in parts if part)


def age(event: AlarmEvent, now_us: int) -> str:
    """For how long it has been open; of one that is over, how long ago it began."""
    return words.short_duration(max(0, now_us - event.triggered_us) / 1e6)


def state_word(event: AlarmEvent) -> str:
    match event.state:
        case AlarmState.ACTIVE:
            return "active"
        case AlarmState.ACKNOWLEDGED:
            return f"✓ {event.acknowledged_by or 'seen'}"
        case AlarmState.CLEARED:
            return "over"


def number(value: float) -> str:
    return f"{value:.4g}".replace("-", words.MINUS)


def limit(line: Line) -> str:
    """What was broken: "> 5", "not in 1…2"; "" where neither the event nor its rule says."""
    sign = CONDITIONS.get(line.rule.condition, "") if line.rule is not None else ""
    if line.event.threshold is not None:
        limits: tuple[float, ...] = (line.event.threshold,)
    else:
        limits = line.rule.thresholds if line.rule is not None else ()
    return f"{sign or '|'} {'…'.join(number(each) for each in limits)}" if limits else ""


def value_word(line: Line) -> str:
    """The value beside what it broke."""
    value = words.MINUS if line.event.value is None else number(line.event.value)
    return f"{value} {limit(line)}".rstrip()


# ---------------------------------------------------------------------- one of them


def details(line: Line, now_us: int) -> Details:
    event, look = line.event, LOOKS[line.event.severity]
    device = f"{line.device} ({event.equipment_id})" if line.device != event.equipment_id else line.device
    broken = limit(line)
    is_told = f"{event.parameter} was {words.MINUS if event.value is None else number(event.value)}"
    text = [
        event.message if event.message != line.name else "",
        " · ".join(part for part in (line.server, device) if part),
        is_told + (f", limit {broken.replace('| ', '')}" if broken else "") if event.parameter else "",
        _times(event, now_us),
        f"First heard of over {event.way.value}",
    ]
    return Details(
        key=line.key,
        title=Word(f"{look.symbol} {look.word.capitalize()}: {line.name}", look.tone if event.is_open else Tone.MUTED),
        text="\n".join(part for part in text if part),
        seen="" if event.state is AlarmState.ACTIVE else _seen_by(event) or "Over, and acknowledged by nobody",
        is_open=event.is_open,
        can_acknowledge=event.state is AlarmState.ACTIVE,
        alarm_id=event.alarm_id if event.is_open else "",
    )


def _times(event: AlarmEvent, now_us: int) -> str:
    began = clock(event.triggered_us)
    if event.cleared_us is None:
        return f"Since {began}, for {words.whole_duration(max(0, now_us - event.triggered_us) / 1e6)}"
    lasted_s = max(0, event.cleared_us - event.triggered_us) / 1e6
    return f"From {began} to {clock(event.cleared_us)}, for {words.whole_duration(lasted_s)}"


def _seen_by(event: AlarmEvent) -> str:
    if not event.acknowledged_by and event.state is not AlarmState.ACKNOWLEDGED:
        return ""
    return f"Acknowledged by {event.acknowledged_by or 'somebody'}" + (f": {event.note}" if event.note else "")


def clock(at_us: int) -> str:
    """Time of day where the display stands."""
    try:
        return time.strftime("%H:%M:%S", time.localtime(at_us / 1e6))
    except (OverflowError, OSError, ValueError):  # a year that this machine's calendar does not have
        return "an unknown time"


# ---------------------------------------------------------------------- how it is known


def freshness(books: Sequence[LabBook], links: Sequence[LinkStatus], now_us: int) -> Word:
    """How what is shown came, and how old it is; of the server that is worst off, where there are several."""
    servers = names_of_several(book.server for book in books)
    told = []
    for book, link in zip(books, links, strict=False):
        rank, word = _freshness(book.topic(Topic.ALARMS), link, now_us)
        told.append((rank, Word(f"{servers[book.server]}: {word.text}" if servers else word.text, word.tone)))
    return max(told, key=lambda each: each[0])[1] if told else Word("no server", Tone.MUTED)


def nothing(books: Sequence[LabBook], *, is_history: bool) -> str:
    """What an empty list means: that all is well is said only where every server has said so."""
    if is_history:
        return "no alarm in this session yet"
    if all(book.topic(Topic.ALARMS).listed_us is not None for book in books):
        return "✓ no alarm is open"
    return "no alarm is known; the list has not been had yet"


def _freshness(status: TopicStatus, link: LinkStatus, now_us: int) -> tuple[int, Word]:
    """The greater the number, the worse."""
    since = "" if status.listed_us is None else f"{_ago(now_us, status.listed_us)}"
    if link.state not in (LinkState.STREAMING, LinkState.POLLING):
        return 4, Word(f"△ no connection: as of {since}" if since else "△ no connection yet", Tone.WARN)
    is_live = link.state is LinkState.STREAMING
    if status.is_absent:
        if is_live:
            return 2, Word("told live · the list is not available on this server", Tone.MUTED)
        return 3, Word("△ not available on this server", Tone.WARN)
    if status.problem:
        return 3, Word(f"△ {'told live · ' if is_live else ''}list: {status.problem}", Tone.WARN)
    if is_live:
        return 0, Word(f"told live · list checked {since}" if since else "told live · no list yet", Tone.MUTED)
    return 1, Word(f"polled over REST, {since}" if since else "polled over REST, no list yet", Tone.MUTED)


def _ago(now_us: int, at_us: int) -> str:
    return f"{words.short_duration(max(0, now_us - at_us) / 1e6)} ago"
