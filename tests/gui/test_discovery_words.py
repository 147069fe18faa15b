"""Tests of lablink_dpg.gui.discovery_words."""

from __future__ import annotations

from lablink_dpg.books.discovery import DiscoveryBook, FoundDevice
from lablink_dpg.gui.discovery_words import progress
from lablink_dpg.gui.palette import Tone


def said(book: DiscoveryBook, *, is_ordered: bool = False, is_new: bool = True) -> tuple[str, Tone] | None:
    return progress(book, 10, is_ordered=is_ordered, is_new=is_new)


def test_a_search_is_followed_in_words_from_the_order_to_what_it_has_found() -> None:
    book = DiscoveryBook()
    assert said(book) is None
    assert said(book, is_ordered=True) == ("○ searching…", Tone.INFO)
    book.started(1)
    book.heard(FoundDevice("a"), 2)
    assert said(book, is_ordered=True) == ("○ searching… 1 found", Tone.INFO)
    book.finished()
    assert said(book) == ("✓ 1 found", Tone.GOOD)
    assert said(book, is_new=False) is None


def test_a_search_that_failed_says_why_for_a_while() -> None:
    book = DiscoveryBook()
    book.finished(problem="no bus")
    assert said(book) == ("▲ no bus", Tone.WARN)
    assert said(book, is_new=False) is None
    book.started(1)
    assert said(book) == ("○ searching… 0 found", Tone.INFO)
    book.finished([])
    assert said(book) == ("✓ 0 found", Tone.MUTED)
