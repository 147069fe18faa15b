"""What a person has typed to create an acquisition, and what it comes to: an order, or one line that names the field.

Numbers may end in k or M, as engineers write rates. What the server would refuse for sure is refused here, so that the
answer is there at once; everything else is the server's to judge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lablink_dpg.model.orders import CreateAcquisition

LEAST_RATE_HZ, MOST_RATE_HZ = 0.001, 1_000_000.0  # timestamps have whole microseconds
MOST_BUFFER = 10_000_000  # samples a channel: an answer of them all is a gigabyte
MOST_SAMPLES = 2**31
MOST_DURATION_S = 31_536_000.0  # a year
MOST_CHANNELS = 64  # as a large scanner has
MOST_LETTERS = 100  # of a name
SUFFIXES = {"k": 1e3, "M": 1e6}

MODES: Mapping[str, str] = {"continuous": "continuous", "single shot": "single_shot", "triggered": "triggered"}
TRIGGERS = ("edge", "level")
EDGES = ("rising", "falling", "either")


class DeviceKey(NamedTuple):
    """A device of the form's list: whose, which, and how an acquisition of it is called that nobody has named."""

    server: str
    equipment_id: str
    label: str


@dataclass(frozen=True, slots=True)
class Draft:
    """As typed and chosen."""

    device: str = ""  # a word of the form's list
    name: str = ""
    rate: str = "1000"
    channels: str = "CH1"
    mode: str = "continuous"
    duration: str = ""  # this and the next: empty for no end
    samples: str = ""
    buffer: str = "10000"
    trigger: str = TRIGGERS[0]  # this and the rest: of the mode "triggered"
    source: str = ""  # its channel; empty for the first
    level: str = "0"
    edge: str = EDGES[0]
    before: str = "0"  # samples
    is_started: bool = True


class Wanted(NamedTuple):
    order: CreateAcquisition
    server: str


class Complaint(NamedTuple):
    field: str  # of Draft
    text: str  # one line; it begins with the field as the form calls it


class _Wrong(Exception):
    def __init__(self, field: str, label: str, why: str) -> None:
        super().__init__(f"{label}: {why}")
        self.field = field


def read(draft: Draft, devices: Mapping[str, DeviceKey]) -> Wanted | Complaint:
    """``devices`` by the words of the form's list. Never raises."""
    try:
        return _read(draft, devices)
    except _Wrong as wrong:
        return Complaint(wrong.field, str(wrong))


def _read(draft: Draft, devices: Mapping[str, DeviceKey]) -> Wanted:
    device = devices.get(draft.device)
    if device is None:
        raise _Wrong("device", "Device", "choose one" if devices else "no server has any")
    name = draft.name.strip() or device.label
    if len(name) > MOST_LETTERS or not name.isprintable():
        raise _Wrong("name", "Name", f"at most {MOST_LETTERS} letters, in one line")
    rate_hz = _number("rate", "Rate", draft.rate, LEAST_RATE_HZ, MOST_RATE_HZ, "S/s")
    channels = _channels(draft.channels)
    mode = MODES.get(draft.mode, draft.mode)
    duration_s = samples = None
    if draft.duration.strip():
        duration_s = _number("duration", "Duration", draft.duration, 1 / rate_hz, MOST_DURATION_S, "s")
    if draft.samples.strip():
        samples = _whole("samples", "Samples", draft.samples, 1, MOST_SAMPLES)
    if mode == "single_shot" and duration_s is None and samples is None:
        raise _Wrong("samples", "Samples", "a single shot needs a number of samples, or a duration")
    buffer_size = _whole("buffer", "Buffer", draft.buffer, 1, MOST_BUFFER)
    trigger = _trigger(draft, channels, buffer_size) if mode == "triggered" else {}
    order = CreateAcquisition(
        equipment_id=device.equipment_id,
        name=name,
        sample_rate_hz=rate_hz,
        channels=channels,
        mode=mode,
        buffer_size=buffer_size,
        num_samples=samples,
        duration_s=duration_s,
        trigger=trigger,
        is_started=draft.is_started,
    )
    return Wanted(order, device.server)


def _channels(text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.replace(";", ",").split(",")]
    if not any(names):
        raise _Wrong("channels", "Channels", "name at least one, as CH1, CH2")
    if not all(names):
        raise _Wrong("channels", "Channels", "a name is missing between two commas")
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        raise _Wrong("channels", "Channels", f"{twice} is there twice")
    if len(names) > MOST_CHANNELS:
        raise _Wrong("channels", "Channels", f"{len(names)}, at most {MOST_CHANNELS}")
    return tuple(names)


def _trigger(draft: Draft, channels: tuple[str, ...], buffer_size: int) -> dict[str, Any]:
    source = draft.source.strip() or channels[0]
    if source not in channels:
        raise _Wrong("source", "Trigger on", f"{source} is not one of the channels")
    level = _number("level", "Level", draft.level, -math.inf, math.inf, "")
    before = _whole("before", "Before", draft.before, 0, buffer_size)
    return {
        "trigger_type": draft.trigger,
        "level": level,
        "edge": draft.edge if draft.trigger == "edge" else None,
        "channel": source,
        "pre_trigger_samples": before,
    }


def number_of(text: str) -> float | None:
    """``1000``, ``10k``, ``2.5 M``; None for what is no finite number."""
    text = text.strip()
    factor = SUFFIXES.get(text[-1:], 1.0)
    digits = text[:-1].strip() if factor != 1.0 else text
    try:
        value = float(digits) * factor
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in digits else None


def _number(field: str, label: str, text: str, low: float, high: float, unit: str) -> float:
    value = number_of(text)
    if value is None:
        raise _Wrong(field, label, f"{text.strip()!r} is not a number" if text.strip() else "a number is missing")
    if not low <= value <= high:
        raise _Wrong(field, label, f"{value:.10g}, must be from {low:.10g} to {high:.10g} {unit}".rstrip())
    return value


def _whole(field: str, label: str, text: str, low: int, high: int) -> int:
    value = _number(field, label, text, low, high, "samples")
    if value != int(value):
        raise _Wrong(field, label, f"{value:g} is not a whole number")
    return int(value)
