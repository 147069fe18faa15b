"""What stands on the bench: the demo without ``--streams``, or N acquisitions for a stress run.

Everything follows from the seed, ids included, so that two runs can be compared.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lablink_dpg.sim import DEFAULT_BUFFER
from lablink_dpg.sim.acquisition import Config
from lablink_dpg.sim.instruments import ElectronicLoad, Instrument, Oscilloscope, PowerSupply
from lablink_dpg.sim.signals import KINDS, MIN_LOOP_LOG2, make_spec, mix

STREAMS_PER_SCOPE: Final = 8
LOOP_SAMPLES: Final = 1 << 23  # in the loops of all channels: 130 MB as tables, and 200 MB more as text
MAX_BENCH_LOG2: Final = 16  # no longer loop for few channels: beyond it tables and text leave the processor's caches
QUANTITIES: Final = (
    "Shaft vibration",
    "Gate drive",
    "Coil current",
    "Photodiode",
    "Line sweep",
    "Bus ripple",
    "Motor torque",
    "Hall sensor",
    "Strain gauge",
    "Microphone",
    "Laser power",
    "Encoder",
    "Pressure",
    "Shunt voltage",
    "Geophone",
    "Antenna",
)


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """``streams`` None: the demo bench."""

    streams: int | None = None
    rate_hz: float = 1000.0
    channels: int = 1
    seed: int = 0
    buffer_size: int = DEFAULT_BUFFER
    devices: int = 0  # further supplies and loads, switched on, in turns
    alarms: int = 0  # that are up from the start, of all severities in turns
    is_looped: bool = False  # a stress run's signals come again, from tables: see loop_log2
    is_lively: bool = False  # a stress run too has what happens in the demo: alarms, jobs, health


def channel_names(count: int) -> tuple[str, ...]:
    return tuple(f"CH{number + 1}" for number in range(count))


def loop_log2(options: BenchOptions) -> int | None:
    """The length of each channel's loop; None where the signals of a stress run don't repeat."""
    if not options.is_looped or not options.streams:
        return None
    share = LOOP_SAMPLES // (options.streams * options.channels)
    return min(MAX_BENCH_LOG2, max(MIN_LOOP_LOG2, share.bit_length() - 1))


def channel_specs(
    channels: Sequence[str], kind_number: int, seed: int, rate_hz: float, loop_log2: int | None = None
) -> dict[str, dict[str, Any]]:
    """A signal for each channel, its kinds in turn."""
    return {
        channel: make_spec(
            KINDS[(kind_number + number) % len(KINDS)], mix(seed * 1024 + number), rate_hz, loop_log2=loop_log2
        )
        for number, channel in enumerate(channels)
    }


def acquisition_id(seed: int, number: int) -> str:
    high, low = mix(seed * 4096 + 2 * number), mix(seed * 4096 + 2 * number + 1)
    return str(uuid.UUID(int=high << 64 | low, version=4))


def instruments(options: BenchOptions, now_us: int) -> list[Instrument]:
    """One of each, and as many oscilloscopes as the streams need; the supply feeds the load."""
    scope_count = 1 if options.streams is None else max(1, -(-options.streams // STREAMS_PER_SCOPE))
    base = mix(options.seed) >> 16
    found: list[Instrument] = [
        Oscilloscope("MockScope-2000", f"MOCK::SCOPE::{number}", base + 16 * number, now_us)
        for number in range(scope_count)
    ]
    supply = PowerSupply("MockPSU-3030", "MOCK::PSU::0", base - 16, now_us)
    load = ElectronicLoad("MockLoad-300", "MOCK::LOAD::0", base - 32, now_us)
    wire(supply, load)
    if options.streams is None or options.is_lively:
        supply.voltage_set, supply.current_set, supply.is_on = 12.0, 2.5, True
        load.setpoint, load.is_on = 1.5, True
    return [*found, supply, load, *_more(options.devices, base, now_us)]


def _more(count: int, base: int, now_us: int) -> list[Instrument]:
    found: list[Instrument] = []
    for number in range(count):
        token = base - 16 * (number + 3)
        if number % 2:
            load = ElectronicLoad("MockLoad-300", f"MOCK::LOAD::{number // 2 + 1}", token, now_us)
            load.setpoint, load.is_on = 0.5, True
            found.append(load)
        else:
            supply = PowerSupply("MockPSU-3030", f"MOCK::PSU::{number // 2 + 1}", token, now_us)
            supply.voltage_set, supply.current_set, supply.is_on = 3.0 + number % 10, 1.0, True
            found.append(supply)
    return found


def wire(supply: PowerSupply, load: ElectronicLoad) -> None:
    supply.load, load.supply = load, supply


def configs(options: BenchOptions, devices: Sequence[Instrument]) -> list[Config]:
    """The acquisitions that run from the start."""
    if options.streams is None:
        return _demo(options, devices)
    scopes = [device for device in devices if isinstance(device, Oscilloscope)]
    channels = channel_names(options.channels)
    return [
        Config(
            acquisition_id=acquisition_id(options.seed, number),
            equipment_id=scopes[number // STREAMS_PER_SCOPE].id,
            name=f"{QUANTITIES[number % len(QUANTITIES)]} {number + 1:02d}",
            sample_rate_hz=options.rate_hz,
            channels=channels,
            signals=channel_specs(channels, number, mix(options.seed) + number, options.rate_hz, loop_log2(options)),
            buffer_size=options.buffer_size,
        )
        for number in range(options.streams)
    ]


def _demo(options: BenchOptions, devices: Sequence[Instrument]) -> list[Config]:
    scope, supply, load = devices[:3]
    rate_hz, seed = options.rate_hz, mix(options.seed)
    signals: list[tuple[str, Instrument, float, Mapping[str, dict[str, Any]]]] = [
        (
            "Shaft vibration",
            scope,
            rate_hz,
            {
                "CH1": make_spec("sine", seed, rate_hz, frequency_hz=2.0, amplitude=1.8),
                "CH2": make_spec("chirp", seed + 1, rate_hz, amplitude=0.9),
            },
        ),
        (
            "Supply rail",
            supply,
            rate_hz / 2,
            {
                "voltage": make_spec("ramp", seed + 2, rate_hz / 2, offset=12.0, amplitude=0.035, spike=-0.4),
                "current": make_spec("noise", seed + 3, rate_hz / 2, offset=1.5, amplitude=0.02, spike=0.0),
            },
        ),
        (
            "Pulsed load",
            load,
            rate_hz / 10,
            {"power": make_spec("square", seed + 4, rate_hz / 10, offset=9.0, amplitude=8.7, frequency_hz=0.25)},
        ),
    ]
    return [
        Config(
            acquisition_id=acquisition_id(options.seed, number),
            equipment_id=device.id,
            name=name,
            sample_rate_hz=rate,
            channels=tuple(specs),
            signals=specs,
            buffer_size=options.buffer_size,
        )
        for number, (name, device, rate, specs) in enumerate(signals)
    ]
