"""Entering a captured waveform into the book of captures."""

from __future__ import annotations

from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.orders import OrderDone
from lablink_dpg.model.waveform import Waveform


def captured(book: LabBook, done: OrderDone) -> None:
    waveform = done.data.get("waveform")
    if isinstance(waveform, Waveform):
        book.captures.take(waveform, done.at_us)
