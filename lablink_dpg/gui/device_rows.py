"""Devices as a person reads them: which there are, how their readings come, their numbers with unit. No window.

Numbers have four figures that matter and a unit that does not hop: what a supply shows keeps its volts and amps down
to the last millivolt, what a scope measures takes the prefix that it needs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lablink_dpg.books.readings import Readings
from lablink_dpg.gui import words
from lablink_dpg.gui.device_names import device_names, name_of
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.states import Chip
from lablink_dpg.gui.words import MINUS
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import DeviceReading, LinkState, LinkStatus, StreamState
from lablink_dpg.model.power import POWER
from lablink_dpg.query.names import names_of_several

READINGS, MEASUREMENTS = "readings", "measurements"  # kinds of readings, as the protocol names them
SCOPE = "oscilloscope"
TYPE_WORDS: Mapping[str, str] = {
    SCOPE: "Scope",
    "power_supply": "Supply",
    "electronic_load": "Load",
    "multimeter": "Multimeter",
    "function_generator": "Generator",
    "spectrum_analyzer": "Analyser",
}
TYPES = tuple(TYPE_WORDS)  # that can be connected
MAX_VALUES = 12  # lines of one device; what has more is shown by its first ones
OLD_US = 3_000_000  # readings that come at whatever pace are not so far apart: what is older is said to be old
NO_VALUE = "–"


class Quantity(NamedTuple):
    label: str
    unit: str
    least: int | None = None  # smallest power of ten that is shown as it is; None: prefixes down to nano


QUANTITIES: Mapping[str, Quantity] = {  # in the order of showing
    "voltage_actual": Quantity("voltage", "V", -3),
    "voltage": Quantity("voltage", "V", -3),
    "current_actual": Quantity("current", "A", -3),
    "current": Quantity("current", "A", -3),
    POWER: Quantity("power", "W", -3),
    "voltage_set": Quantity("set", "V", -3),
    "current_set": Quantity("limit", "A", -3),
    "setpoint": Quantity("setpoint", "", -3),
    "vpp": Quantity("Vpp", "V"),
    "vrms": Quantity("Vrms", "V"),
    "vavg": Quantity("Vavg", "V"),
    "vmax": Quantity("Vmax", "V"),
    "vmin": Quantity("Vmin", "V"),
    "freq": Quantity("freq", "Hz"),
    "period": Quantity("period", "s"),
}
SETPOINT_UNITS: Mapping[str, str] = {"CC": "A", "CV": "V", "CR": "Ω", "CP": "W"}
HIDDEN = frozenset({"channel"})  # numbers that are names
EXPECTED: Mapping[str, tuple[str, ...]] = {  # before the first reading, so that nothing jumps when it comes
    SCOPE: ("vpp", "vrms", "vavg", "vmax", "vmin", "freq", "period"),
    "power_supply": ("voltage_actual", "current_actual", POWER, "voltage_set", "current_set"),
    "electronic_load": ("voltage", "current", POWER, "setpoint"),
}
WITH_OUTPUT = frozenset({"power_supply", "electronic_load"})

CHIPS: Mapping[StreamState, Chip] = {
    StreamState.STARTING: Chip("○", "starting", Tone.INFO),
    StreamState.STREAMING: Chip("●", "streaming", Tone.GOOD),
    StreamState.POLLED: Chip("◆", "polled", Tone.INFO),
    StreamState.SILENT: Chip("▲", "silent", Tone.BAD),
    StreamState.PAUSED: Chip("‖", "paused", Tone.WARN),
    StreamState.STOPPED: Chip("■", "off", Tone.MUTED),
    StreamState.WAITING: Chip("◇", "offline", Tone.BAD),
    StreamState.UNPOLLED: Chip("▽", "no REST", Tone.WARN),
    StreamState.GONE: Chip("△", "gone", Tone.BAD),
}
OLD = Chip("▼", "old", Tone.BAD)
UNREAD = Chip("○", "not read", Tone.MUTED)
GONE = Chip("▲", "no device", Tone.BAD)  # listed, but said not to be connected
COMING = (StreamState.STREAMING, StreamState.POLLED)


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One device of one server."""

    server: str  # as in LinkStatus
    short: str  # the server's short name; "" where there is one server
    info: EquipmentInfo
    kind: str
    name: str = ""  # told from others of its model

    @property
    def key(self) -> tuple[str, str]:
        return self.server, self.info.equipment_id

    @property
    def is_scope(self) -> bool:
        return self.info.type == SCOPE


def lines(links: Sequence[LinkStatus]) -> tuple[DeviceLine, ...]:
    """All devices, server by server, in the servers' order."""
    short = names_of_several(link.server for link in links)
    names = device_names(links, has_servers=False)
    return tuple(
        DeviceLine(
            link.server,
            short.get(link.server, ""),
            info,
            MEASUREMENTS if info.type == SCOPE else READINGS,
            name_of(names, link.server, info.equipment_id),
        )
        for link in links
        for info in link.equipment
    )


def type_word(type_: str) -> str:
    return TYPE_WORDS.get(type_) or type_.replace("_", " ").capitalize() or "Device"


def about(line: DeviceLine) -> str:
    """Under a device's name: what it is and whose."""
    name = line.info.label
    rest = line.info.model if line.info.model != name else line.info.manufacturer
    return " · ".join(part for part in (type_word(line.info.type), rest, line.short) if part)


def is_on(reading: DeviceReading | None) -> bool:
    return reading is not None and reading.is_on


def chip(line: DeviceLine, reading: DeviceReading | None, readings: Readings | None, now_us: int) -> Chip:
    """How its readings come; what is old is never said to come."""
    if not line.info.is_connected:
        return GONE
    if reading is None:
        return UNREAD
    if not reading.is_on:
        return CHIPS[StreamState.STOPPED]
    if reading.state in COMING and readings is not None and now_us - readings.at_us > OLD_US:
        return OLD
    return CHIPS[reading.state]


def age(readings: Readings | None, now_us: int) -> str:
    """How old the numbers are, in one or two units."""
    if readings is None:
        return ""
    seconds = max(0.0, (now_us - readings.at_us) / 1e6)
    return f"{seconds:.1f} s" if seconds < 9.95 else words.short_duration(seconds)


def is_old(reading: DeviceReading | None, readings: Readings | None, now_us: int) -> bool:
    """Whether the numbers must not be taken for what is measured now."""
    if readings is None:
        return False
    is_coming = reading is not None and reading.state in (*COMING, StreamState.STARTING)
    return now_us - readings.at_us > OLD_US or not is_coming


def tip(line: DeviceLine, reading: DeviceReading | None) -> str:
    """Everything about a device, for the tooltip of its name."""
    info = line.info
    parts = [
        info.label,
        " ".join(part for part in (info.manufacturer, info.model) if part),
        f"serial number {info.serial_number}" if info.serial_number else "",
        " ".join(part for part in (info.connection_type, info.resource_string) if part),
        f"{info.equipment_id} of {line.server}",
    ]
    if reading is not None and reading.way is not None and reading.is_on:
        parts.append(f"last came by {reading.way.value}")
    if reading is not None and reading.note:
        parts.append(f"not over the WebSocket: {reading.note}")
    return "\n".join(part for part in parts if part)


# -- numbers ------------------------------------------------------------------------------------------------------

HUGE = 1e12  # nothing on a bench: written with its power of ten
_SMALL = ((-3, "m"), (-6, "µ"), (-9, "n"))
_LARGE = ((9, "G"), (6, "M"), (3, "k"))


def figures(value: float, unit: str, least: int | None = None) -> tuple[str, str]:
    """Number and unit apart: ``("12.00", "V")``. Four figures; with ``least`` no prefix below one, but its digits."""
    if not math.isfinite(value):
        return NO_VALUE, unit
    size = abs(value)
    if size >= HUGE:
        return f"{value:.2e}".replace("-", MINUS), unit
    power, prefix = 0, ""
    for power_, prefix_ in _LARGE:
        if size >= 0.99995 * 10**power_:
            power, prefix = power_, prefix_
            break
    if least is None and 0 < size < 0.99995:
        power, prefix = next((each for each in _SMALL if size >= 0.99995 * 10 ** each[0]), _SMALL[-1])
    shown = size / 10**power
    decimals = 3 if shown < 9.9995 else 2 if shown < 99.995 else 1
    if least is not None and not prefix:
        decimals = min(-least, 3 if shown < 99.9995 else 2 if shown < 999.995 else 1)
    text = f"{shown:.{decimals}f}"
    sign = MINUS if value < 0 and float(text) != 0 else ""
    return f"{sign}{text}", f"{prefix}{unit}"


def fields(line: DeviceLine, readings: Readings | None) -> tuple[str, ...]:
    """Names of the numbers to show, in their order; a number that was there once keeps its line."""
    if readings is None or not readings.past:
        return EXPECTED.get(line.info.type, ())
    names = [name for name in readings.past if name not in HIDDEN]
    known = [name for name in QUANTITIES if name in names]
    return (*known, *(name for name in names if name not in QUANTITIES))[:MAX_VALUES]


def label_of(field: str) -> str:
    quantity = QUANTITIES.get(field)
    return quantity.label if quantity is not None else field.replace("_", " ")


def resolution(field: str) -> float:
    """A change that is seen in the number's last figures; what changes less is noise."""
    quantity = QUANTITIES.get(field)
    return 1e-12 if quantity is None or quantity.least is None else 5.0 * 10.0**quantity.least


def value_of(field: str, readings: Readings | None) -> tuple[str, str]:
    """Number and unit of one field."""
    quantity = QUANTITIES.get(field, Quantity(field, ""))
    unit = quantity.unit
    if field == "setpoint" and readings is not None:
        unit = SETPOINT_UNITS.get(str(readings.data.get("mode")), "")
    if readings is None or field not in readings.numbers:
        return NO_VALUE, unit
    return figures(readings.numbers[field], unit, quantity.least)


def output(data: Mapping[str, Any]) -> tuple[str, Tone] | None:
    """Whether power comes out or goes in, and how it is held; None for what has no output."""
    state = data.get("output_enabled", data.get("load_enabled"))
    parts = []
    if isinstance(state, bool):
        parts.append("● on" if state else "○ off")
    mode = data.get("mode")
    if isinstance(mode, str) and mode:
        parts.append(mode[:12])
    elif data.get("in_cc_mode") is True:
        parts.append("CC")
    elif data.get("in_cv_mode") is True:
        parts.append("CV")
    if not parts:
        return None
    return " · ".join(parts), Tone.GOOD if state is True else Tone.MUTED


def summary(all_lines: Sequence[DeviceLine], links: Sequence[LinkStatus]) -> str:
    """One line over the list."""
    count = len(all_lines)
    if not count:
        return ""
    by_server = {link.server: link.readings for link in links}
    states = [
        reading.state
        for line in all_lines
        if (reading := by_server[line.server].get((line.info.equipment_id, line.kind))) is not None and reading.is_on
    ]
    parts = [f"{count} device{'s' if count != 1 else ''}"]
    for state, word in ((StreamState.STREAMING, "streaming"), (StreamState.POLLED, "polled")):
        number = states.count(state)
        if number:
            parts.append(f"{number} {word}")
    return " · ".join(parts)


def nothing(links: Sequence[LinkStatus]) -> str:
    """Why there is no device."""
    up = [link for link in links if link.state in (LinkState.STREAMING, LinkState.POLLING)]
    unlisted = next((link for link in up if link.no_equipment), None)
    if unlisted is not None:
        whose = f" of {unlisted.server}" if len(links) > 1 else ""
        return f"The list{whose} {unlisted.no_equipment}."
    if up:
        return "No device is connected. Connect one, or let the server look for some."
    return "Not connected to a server."
