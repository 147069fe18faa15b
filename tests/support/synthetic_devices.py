"""Devices for the synthetic source: a bench of any size whose readings follow from the time."""

from __future__ import annotations

import math
from typing import Any

from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import DeviceReading, StreamState, Way

TYPES = ("oscilloscope", "power_supply", "electronic_load")
MODELS = ("MockScope-2000", "MockPSU-3030", "MockLoad-300")
EVERY_US, PUBLISHED_US = 100_000, 250_000


def equipment(count: int, first: int = 0) -> tuple[EquipmentInfo, ...]:
    return tuple(
        EquipmentInfo(
            f"dev_{number:03d}",
            TYPES[number % 3],
            "Mock Instruments",
            MODELS[number % 3],
            nickname="The supply that feeds the whole left bench 4" if number == 4 else None,
            serial_number=f"MOCK{number:04d}",
            connection_type="usb",
            resource_string=f"MOCK::{number}",
        )
        for number in range(first, first + count)
    )


def kind(info: EquipmentInfo) -> str:
    return "measurements" if info.type == "oscilloscope" else "readings"


def data(info: EquipmentInfo, now_us: int) -> dict[str, Any]:
    """As the protocol words it."""
    phase = now_us / 2e6 + int(info.equipment_id[-3:])
    if info.type == "oscilloscope":
        top = 1.4 + 0.3 * math.sin(phase)
        mean = 0.004 * math.cos(phase)
        return {
            "vpp": 2 * top,
            "vmax": top + mean,
            "vmin": mean - top,
            "vavg": mean,
            "vrms": top / 2**0.5,
            "freq": 1000.0,
            "period": 0.001,
        }
    volts = 12.0 + 0.002 * math.sin(17 * phase)
    amps = 1.5 + 0.2 * math.sin(phase)
    if info.type == "power_supply":
        return {
            "channel": 1,
            "voltage_set": 12.0,
            "current_set": 2.5,
            "voltage_actual": volts,
            "current_actual": amps,
            "output_enabled": True,
            "in_cv_mode": True,
            "in_cc_mode": False,
        }
    mode = ("CC", "CV", "CR", "CP")[now_us // 3_000_000 % 4]
    return {
        "mode": mode,
        "setpoint": 1.5,
        "voltage": volts,
        "current": amps,
        "power": volts * amps,
        "load_enabled": True,
    }


class SyntheticDevices:
    """Of one server."""

    def __init__(self, count: int) -> None:
        self.equipment = equipment(count)
        self.states: dict[str, StreamState] = {}  # streaming where it does not say
        self.off: set[str] = set()
        self._fed_us = 0
        self._known: object = None
        self._readings: dict[tuple[str, str], DeviceReading] = {}

    def state(self, equipment_id: str) -> StreamState:
        if equipment_id in self.off:
            return StreamState.STOPPED
        return self.states.get(equipment_id, StreamState.STREAMING)

    def feed(self, book: LabBook, now_us: int) -> None:
        if now_us - self._fed_us < EVERY_US:
            return
        self._fed_us = now_us
        for info in self.equipment:
            if self.state(info.equipment_id) in (StreamState.STREAMING, StreamState.POLLED):
                book.readings.take(info.equipment_id, kind(info), data(info, now_us), now_us)

    def readings(self, now_us: int) -> dict[tuple[str, str], DeviceReading]:
        """Published four times a second, as a link does."""
        known = (now_us // PUBLISHED_US, tuple(self.off), tuple(self.states.items()))
        if known != self._known:
            self._known, self._readings = known, self._made(now_us)
        return self._readings

    def _made(self, now_us: int) -> dict[tuple[str, str], DeviceReading]:
        return {
            (info.equipment_id, kind(info)): DeviceReading(
                info.equipment_id,
                kind(info),
                self.state(info.equipment_id),
                at_us=now_us,
                way=Way.REST if self.state(info.equipment_id) is StreamState.POLLED else Way.WEBSOCKET,
                note="requested, but nothing comes" if self.state(info.equipment_id) is StreamState.SILENT else "",
                is_on=info.equipment_id not in self.off,
            )
            for info in self.equipment[:256]
        }
