"""How what a panel shows is known: told live, asked for some time ago, old, or not to be had; in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import words
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.states import Chip
from lablink_dpg.model.link import LinkState, LinkStatus
from lablink_dpg.model.topic import Topic, TopicStatus
from lablink_dpg.query.names import names_of_several

NOT_ASKED = Chip("○", "not known yet", Tone.MUTED)
ABSENT = Chip("■", "not available on this server", Tone.MUTED)
NEVER = Chip("◇", "no connection", Tone.BAD)
SHOWN_TIP = "● events tell of changes at once   ◆ asked for again and again over REST"


class Known(NamedTuple):
    """One line over a panel, and what a tooltip adds."""

    text: str
    tone: Tone
    tip: str


def chip(topic: TopicStatus, link: LinkStatus | None, now_us: int) -> Chip:
    """Of one server. ``link`` None: nothing is known of it."""
    newest_us = max(topic.listed_us or 0, topic.told_us or 0)
    age = words.short_duration(max(0, now_us - newest_us) / 1e6)
    if link is None or link.state not in (LinkState.STREAMING, LinkState.POLLING):
        return NEVER if not newest_us else Chip("◇", f"no connection, {age} old", Tone.BAD)
    if topic.is_absent:
        return ABSENT
    if topic.problem:
        since = f", {age} old" if newest_us else ""
        return Chip("▲", f"{topic.problem}{since}", Tone.WARN)
    if not newest_us:
        return NOT_ASKED
    if link.state is LinkState.STREAMING and (topic.told_us or 0) >= link.since_us:
        return Chip("●", f"live, news {age} ago", Tone.GOOD)
    return Chip("◆", f"polled {age} ago", Tone.INFO)


def line(books: Sequence[LabBook], links: Sequence[LinkStatus], topic: Topic, now_us: int) -> Known:
    """Of all servers: one word where there is one server, else who with which; the worst gives the tone."""
    by_server = {link.server: link for link in links}
    names = names_of_several(book.server for book in books)
    chips = {book.server: chip(book.topic(topic), by_server.get(book.server), now_us) for book in books}
    if not chips:
        return Known(NOT_ASKED.text, NOT_ASKED.tone, "")
    tone = max((each.tone for each in chips.values()), key=_gravity)
    text = "   ".join(f"{names[server]} {each.text}" if names else each.text for server, each in chips.items())
    tip = "\n".join(f"{server}: {each.text}" for server, each in chips.items())
    return Known(text, tone, f"{tip}\n{SHOWN_TIP}")


def trouble(books: Sequence[LabBook], topic: Topic) -> str:
    """Why a list beside the main one is not to be had, "" while it is."""
    problems = [book.topic(topic).problem for book in books]
    return next((problem for problem in problems if problem), "")


def nothing(books: Sequence[LabBook], topic: Topic, none: str, what: str) -> str:
    """What an empty list means: ``none`` only where every server has listed what it has. ``what`` is listed."""
    unlisted = [status for status in (book.topic(topic) for book in books) if status.listed_us is None]
    if books and not unlisted:
        return none
    if any(status.problem and not status.is_absent for status in unlisted):
        return f"No {what} is known: the list cannot be had"  # the line over the list says why
    if unlisted and all(status.is_absent for status in unlisted):
        return f"No {what} is known: {ABSENT.word if len(books) == 1 else 'not available on some servers'}"
    return f"No {what} is known: not listed yet"


def _gravity(tone: Tone) -> int:
    return (Tone.PLAIN, Tone.GOOD, Tone.INFO, Tone.MUTED, Tone.WARN, Tone.BAD).index(tone)
