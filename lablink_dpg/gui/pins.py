"""Single values of devices that have a card of their own in the grid, as the lines that the grid shows.

A value is named by server, device, kind and field, not by a key of this run: a layout that is kept for the next one
names the same value there, whatever other servers are watched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from lablink_dpg.gui.units import with_unit
from lablink_dpg.query.frame import ReadingLine, StreamLine
from lablink_dpg.query.view import TraceRequest

PREFIX = "reading "  # of a card's key; acquisitions of that name would be odd


class PinnedReading(NamedTuple):
    server: str  # as LinkStatus.server
    equipment_id: str
    kind: str  # "readings", "measurements"
    field: str

    @property
    def key(self) -> str:
        """Of its card."""
        return f"{PREFIX}{self.server}/{self.kind}:{self.equipment_id}/{self.field}"


def found(pin: PinnedReading, readings: Sequence[ReadingLine]) -> StreamLine | None:
    """The device's line; None while nothing of it has come."""
    for each in readings:
        if each[:3] == pin[:3]:
            return each.line
    return None


def title(device: str, field: str) -> str:
    """``PSU 1 · voltage_actual (V)``."""
    return f"{device} · {with_unit(field)}"


def card_line(pin: PinnedReading, readings: Sequence[ReadingLine]) -> StreamLine:
    """The words of its card, also while nothing of the device has come yet."""
    device = found(pin, readings)
    if device is None:
        name = title(pin.equipment_id, pin.field)
        return StreamLine(pin.key, name, (pin.field,), 0.0, None, 0, 0, source=pin.key)
    received = device.received if pin.field in device.channels else 0
    name = title(device.name, pin.field)
    return replace(device, stream=pin.key, name=name, channels=(pin.field,), received=received, source=device.stream)


def trace_of(pin: PinnedReading, readings: Sequence[ReadingLine]) -> TraceRequest | None:
    """What draws it; None while nothing of the device has come."""
    device = found(pin, readings)
    return None if device is None else TraceRequest(device.stream, pin.field)


def trace_names(
    traces: Sequence[TraceRequest], streams: Mapping[str, StreamLine], readings: Mapping[str, StreamLine]
) -> dict[TraceRequest, str]:
    """What a legend calls traces in another's plot. Both mappings are by key of the series."""
    out = {}
    for trace in traces:
        if trace.stream in readings:
            out[trace] = title(readings[trace.stream].name, trace.channel)
        else:
            line = streams.get(trace.stream)
            name = line.name if line is not None else trace.stream
            out[trace] = name if line is not None and len(line.channels) == 1 else f"{name} · {trace.channel}"
    return out
