"""Entering what a server tells of its search for devices into the book of discoveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lablink_dpg.books.discovery import found_device
from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.orders import OrderDone

STARTED = frozenset({"scan_started", "discovery_started", "started"})
ENDED = frozenset({"scan_completed", "discovery_completed", "completed", "finished"})
FAILED = frozenset({"scan_failed", "discovery_failed", "failed", "error"})


def progress(book: LabBook, data: Mapping[str, Any], stamp: Callable[[Any], int], now_us: int) -> None:
    """One ``discovery_progress``; a kind that nobody knows is a sign of life all the same."""
    step, inner = str(data.get("event_type")), data.get("data")
    details: Mapping[str, Any] = inner if isinstance(inner, dict) else {}
    discovery = book.discovery
    if step in STARTED:
        discovery.started(now_us)
    elif step in ENDED:
        discovery.finished()
    elif step in FAILED:
        why = details.get("error") or details.get("detail") or details.get("message")
        discovery.finished(problem=why if isinstance(why, str) else "the search failed")
    else:
        discovery.heard(found_device(details), now_us)


def ordered(book: LabBook, done: OrderDone) -> None:
    """A search that was ordered here is over, whether the server tells of its steps or not."""
    if not done.is_done:
        book.discovery.finished(problem=done.text)
        return
    lines = done.data.get("devices")
    devices = [found_device(line) for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    book.discovery.finished([device for device in devices if device is not None])
