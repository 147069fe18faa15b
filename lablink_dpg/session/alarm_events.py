"""What the WebSocket tells of alarms, entered into the book of alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.alarm import AlarmState
from lablink_dpg.model.link import Way
from lablink_dpg.wire.alarms import event_of, update_of
from lablink_dpg.wire.fields import Stamp


def told(book: LabBook, data: Mapping[str, Any], stamp: Stamp, now_us: int) -> None:
    event = event_of(data, stamp, Way.WEBSOCKET)
    if event is not None:
        book.alarms.take_told(event, now_us)


def updated(book: LabBook, data: Mapping[str, Any], stamp: Stamp, now_us: int) -> None:
    update = update_of(data)
    if update is not None:
        book.alarms.take_update(update.event_id, update.state, now_us, by=update.by, note=update.note)


def cleared(book: LabBook, data: Mapping[str, Any], stamp: Stamp, now_us: int) -> None:
    update = update_of(data)
    if update is not None:
        book.alarms.take_update(update.event_id, AlarmState.CLEARED, now_us, by=update.by, note=update.note)
