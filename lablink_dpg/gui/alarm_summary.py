"""What is told of alarms where no panel of theirs is open: the bar above all panels, the number at the rail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import alarm_rows, words
from lablink_dpg.gui.alarm_rows import LOOKS, Key, Word
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.alarm import AlarmState, Severity
from lablink_dpg.model.link import LinkStatus


class Bar(NamedTuple):
    """The one that nobody has seen yet for longest, and how many others there are."""

    key: Key
    text: str
    more: str


def bar(books: Sequence[LabBook], links: Sequence[LinkStatus]) -> Bar | None:
    """Of the critical alarms that are active and that nobody has acknowledged; None while there is none.

    The oldest of them, which stays until somebody has dealt with it: a newer one must not slip under a hand that is
    about to press the button.
    """
    waiting = [
        (event.triggered_us, Key(book.server, event.event_id))
        for book in books
        for event in book.alarms.open
        if event.severity is Severity.CRITICAL and event.state is AlarmState.ACTIVE
    ]
    line = alarm_rows.find(books, links, min(waiting)[1]) if waiting else None
    if line is None:
        return None
    look = LOOKS[Severity.CRITICAL]
    parts = (
        f"{look.symbol} CRITICAL  {line.name}",
        line.place,
        f"{line.event.parameter} {alarm_rows.value_word(line)}".strip(),
    )
    more = len(waiting) - 1
    return Bar(line.key, " · ".join(part for part in parts if part), f"and {more} more" if more else "")


def badge(books: Sequence[LabBook]) -> Word | None:
    """How many are open, in the look of the gravest that nobody has acknowledged."""
    events = [event for book in books for event in book.alarms.open]
    if not events:
        return None
    waiting = [event for event in events if event.state is AlarmState.ACTIVE]
    if not waiting:
        return Word(f"✓ {words.few_figures(len(events))}", Tone.MUTED)
    look = LOOKS[max(waiting, key=lambda event: event.severity.rank).severity]
    return Word(f"{look.symbol} {words.few_figures(len(events))}", look.tone)
