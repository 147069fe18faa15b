"""A server's search for devices as one short line."""

from __future__ import annotations

from lablink_dpg.books.discovery import DiscoveryBook
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.words import ELLIPSIS


def progress(book: DiscoveryBook, now_us: int, *, is_ordered: bool, is_new: bool) -> tuple[str, Tone] | None:
    """How a search goes, or what the last one has found; None if there was none. ``is_ordered``: one is under way,
    whether the server tells of it or not. ``is_new``: the last one has just ended."""
    found = f"{len(book.found)} found"
    if book.is_running(now_us):
        return f"○ searching{ELLIPSIS} {found}", Tone.INFO
    if is_ordered:
        return f"○ searching{ELLIPSIS}", Tone.INFO
    if book.problem and is_new:  # it says nothing of the server as it is some time later
        return f"▲ {book.problem}", Tone.WARN
    if book.ended and is_new:
        return f"✓ {found}", Tone.GOOD if book.found else Tone.MUTED
    return None
