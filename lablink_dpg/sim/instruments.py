"""The instruments of the bench: an oscilloscope, a power supply that feeds an electronic load.

Readings are functions of the settings and the time (with noise hashed from both), so a question costs nothing until
it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np

from lablink_dpg.sim.signals import expected, make_spec, mix, unit
from lablink_dpg.sim.stamps import iso

NOISE_STEP_US: Final = 1000  # readings within one millisecond are equal
WIRE_OHM: Final = 0.05  # between supply and load
WAVEFORM_POINTS: Final = 1000


class CommandError(Exception):
    """A command that the instrument refuses; its text is the answer's ``error``."""


class Instrument:
    """What every device answers. ``token`` makes ids and serial numbers repeatable."""

    type: ClassVar[str]
    class_name: ClassVar[str]  # as the real server's messages name it
    prefix: ClassVar[str]
    connection_type: ClassVar[str] = "usb"
    firmware: ClassVar[str]
    capabilities: ClassVar[Mapping[str, Any]]
    setting_actions: ClassVar[tuple[str, ...]] = ()

    def __init__(self, model: str, resource: str, token: int, connected_us: int, nickname: str | None = None) -> None:
        self.model = model
        self.resource = resource
        self.seed = token
        self.nickname = nickname
        self.connected_us = connected_us
        self.id = f"{self.prefix}_{mix(token) >> 32:08x}"
        self.serial = f"MOCK{mix(token + 1) >> 32:08X}"
        self.health_score = 100.0

    def listing(self) -> dict[str, Any]:
        """One entry of ``GET /api/equipment/list``."""
        return {
            "id": self.id,
            "type": self.type,
            "manufacturer": "Mock Instruments",
            "model": self.model,
            "serial_number": self.serial,
            "connection_type": self.connection_type,
            "resource_string": self.resource,
            "nickname": self.nickname,
        }

    def status(self) -> dict[str, Any]:
        unknown = (
            "temperature_celsius",
            "operating_hours",
            "error_code",
            "error_message",
            "last_calibration_date",
            "calibration_due_date",
            "calibration_status",
            "self_test_status",
            "self_test_last_run",
            "health_score",
        )
        return {
            "id": self.id,
            "connected": True,
            "error": None,
            "firmware_version": self.firmware,
            "capabilities": dict(self.capabilities),
            **dict.fromkeys(unknown),
            "last_error_messages": [],
        }

    def readings(self, now_us: int) -> dict[str, Any] | None:
        """None: this type has no readings (the real server answers 501)."""
        return None

    def stream(self, stream_type: str, now_us: int) -> dict[str, Any] | None:
        """The ``data`` of one ``stream_data`` message; None: this device has no such stream, and stays silent."""
        return self.readings(now_us) if stream_type == "readings" else None

    def command(self, action: str, parameters: Mapping[str, Any], now_us: int) -> Any:
        """Carry out an action, answer its data.

        Raises:
            CommandError: for an action or a value it does not know.
        """
        if action == "get_readings" and (readings := self.readings(now_us)) is not None:
            return readings
        if action in self.setting_actions:
            self._set(action, parameters)
            return None
        raise CommandError(f"Unknown action: {action}")

    def _set(self, action: str, parameters: Mapping[str, Any]) -> None:
        raise CommandError(f"Unknown action: {action}")

    def _noise(self, now_us: int, quantity: int) -> float:
        """In [-1, 1)."""
        return 2.0 * unit(self.seed * 8 + quantity, now_us // NOISE_STEP_US) - 1.0


def number(parameters: Mapping[str, Any], name: str, low: float, high: float) -> float:
    value = parameters.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise CommandError(f"{name} of {value!r}, must be {low:g} to {high:g}")
    return float(value)


def flag(parameters: Mapping[str, Any], name: str) -> bool:
    value = parameters.get(name)
    if not isinstance(value, bool):
        raise CommandError(f"{name} of {value!r}, must be true or false")
    return value


class Oscilloscope(Instrument):
    type = "oscilloscope"
    class_name = "MockOscilloscope"
    prefix = "scope"
    connection_type = "ethernet"
    firmware = "v1.0.0-mock"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "num_channels": 4,
        "bandwidth": "200MHz",
        "sample_rate": "1GSa/s",
        "memory_depth": "1000pts",
        "waveform_types": ["sine", "square", "triangle", "noise"],
    }
    sample_rate_hz: Final = 1e9

    def stream(self, stream_type: str, now_us: int) -> dict[str, Any] | None:
        if stream_type == "measurements":
            return self.measurements(now_us)
        return self.waveform(1, now_us) if stream_type == "waveform" else None

    def measurements(self, now_us: int) -> dict[str, Any]:
        values = self._samples(1, now_us)
        high, low = float(values.max()), float(values.min())
        return {
            "vpp": high - low,
            "vmax": high,
            "vmin": low,
            "vavg": float(values.mean()),
            "vrms": float(np.sqrt(np.mean(values * values))),
            "freq": 1000.0,
            "period": 0.001,
        }

    def waveform(self, channel: int, now_us: int) -> dict[str, Any]:
        """What a stream tells of a waveform: everything but its samples."""
        return {
            "equipment_id": self.id,
            "channel": channel,
            "timestamp": iso(now_us),
            "sample_rate": self.sample_rate_hz,
            "time_scale": 0.001,
            "voltage_scale": 1.0,
            "voltage_offset": 0.0,
            "num_samples": WAVEFORM_POINTS,
            "data_id": f"waveform_{mix(self.seed + now_us) >> 32:08x}",
        }

    def capture(self, channel: int, now_us: int) -> dict[str, Any]:
        """The waveform with its samples."""
        times = np.arange(WAVEFORM_POINTS) / self.sample_rate_hz
        return {
            **self.waveform(channel, now_us),
            "time_data": times.tolist(),
            "voltage_data": self._samples(channel, now_us).tolist(),
        }

    def _samples(self, channel: int, now_us: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        """A screen of 1000 points; the signal moves on by one point a millisecond."""
        spec = make_spec("sine", self.seed + channel, 1e6, frequency_hz=1000.0, offset=0.0, spike=0.0)
        first = now_us // NOISE_STEP_US
        return expected(spec, np.arange(first, first + WAVEFORM_POINTS, dtype=np.int64))


class PowerSupply(Instrument):
    type = "power_supply"
    class_name = "MockPowerSupply"
    prefix = "ps"
    firmware = "v2.1.0-mock"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "num_channels": 3,
        "max_voltage": "30.0V",
        "max_current": "3.0A",
        "channels": {
            "ch1": {"max_voltage": "30.0V", "max_current": "3.0A"},
            "ch2": {"max_voltage": "30.0V", "max_current": "3.0A"},
            "ch3": {"max_voltage": "5.0V", "max_current": "3.0A"},
        },
    }
    setting_actions = ("set_voltage", "set_current", "set_output")
    voltage_set = 0.0
    current_set = 1.0
    is_on = False
    load: ElectronicLoad | None = None  # wired to the first channel

    def readings(self, now_us: int) -> dict[str, Any]:
        wanted = self.load.demand(self.voltage_set) if self.load is not None and self.is_on else 0.0
        current = min(wanted, self.current_set)
        is_limited = self.is_on and wanted > self.current_set
        voltage = self.voltage_set * (current / wanted if is_limited else 1.0) if self.is_on else 0.0
        if self.is_on:
            voltage = max(0.0, voltage + 0.002 * self._noise(now_us, 0))
            current = max(0.0, current + 0.0005 * self._noise(now_us, 1))
        return {
            "equipment_id": self.id,
            "timestamp": iso(now_us),
            "channel": 1,
            "voltage_set": self.voltage_set,
            "current_set": self.current_set,
            "voltage_actual": voltage,
            "current_actual": current,
            "output_enabled": self.is_on,
            "in_cv_mode": self.is_on and not is_limited,
            "in_cc_mode": is_limited,
        }

    def _set(self, action: str, parameters: Mapping[str, Any]) -> None:
        if action == "set_voltage":
            self.voltage_set = number(parameters, "voltage", 0.0, 30.0)
        elif action == "set_current":
            self.current_set = number(parameters, "current", 0.0, 3.0)
        else:
            self.is_on = flag(parameters, "enabled")


class ElectronicLoad(Instrument):
    type = "electronic_load"
    class_name = "MockElectronicLoad"
    prefix = "load"
    firmware = "v1.5.0-mock"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "max_voltage": 120.0,
        "max_current": 30.0,
        "max_power": 300.0,
        "modes": ["CC", "CV", "CR", "CP"],
    }
    setting_actions = ("set_mode", "set_setpoint", "set_input")
    mode = "CC"
    setpoint = 0.0
    is_on = False
    supply: PowerSupply | None = None

    def demand(self, volts: float) -> float:
        """The current in A that it would draw from such a voltage."""
        if not self.is_on or volts <= 0.0:
            return 0.0
        if self.mode == "CC":
            return self.setpoint
        if self.mode == "CV":
            return max(0.0, volts - self.setpoint) / WIRE_OHM
        if self.setpoint <= 0.0:
            return 0.0
        return volts / self.setpoint if self.mode == "CR" else self.setpoint / volts

    def readings(self, now_us: int) -> dict[str, Any]:
        fed = None if self.supply is None else self.supply.readings(now_us)
        current = fed["current_actual"] if fed is not None and self.is_on else 0.0
        volts = 0.0 if fed is None else fed["voltage_actual"] - WIRE_OHM * current
        volts = max(0.0, volts + 0.002 * self._noise(now_us, 0))
        return {
            "equipment_id": self.id,
            "timestamp": iso(now_us),
            "mode": self.mode,
            "setpoint": self.setpoint,
            "voltage": volts,
            "current": current,
            "power": volts * current,
            "load_enabled": self.is_on,
        }

    def _set(self, action: str, parameters: Mapping[str, Any]) -> None:
        if action == "set_mode":
            mode = parameters.get("mode")
            if mode not in self.capabilities["modes"]:
                raise CommandError(f"mode of {mode!r}, must be one of CC, CV, CR, CP")
            self.mode = str(mode)
        elif action == "set_setpoint":
            self.setpoint = number(parameters, "setpoint", 0.0, 300.0)
        else:
            self.is_on = flag(parameters, "enabled")


KINDS: Final[dict[str, type[Instrument]]] = {kind.type: kind for kind in (Oscilloscope, PowerSupply, ElectronicLoad)}
