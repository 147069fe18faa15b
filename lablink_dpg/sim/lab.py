"""The whole state of the server in one place: devices, acquisitions, alarms, jobs, health, access.

Everything runs on the event loop; routes and streams look things up here and never keep a copy.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from lablink_dpg.sim import bench
from lablink_dpg.sim.access import DEFAULT_PASSWORD, TOKEN_LIFE_S, Access, Locks
from lablink_dpg.sim.acquisition import Acquisition, Config
from lablink_dpg.sim.alarms import Alarms
from lablink_dpg.sim.bench import BenchOptions
from lablink_dpg.sim.faults import Faults
from lablink_dpg.sim.health import Health
from lablink_dpg.sim.hub import Hub, Source
from lablink_dpg.sim.instruments import KINDS, ElectronicLoad, Instrument, PowerSupply
from lablink_dpg.sim.jobs import Jobs
from lablink_dpg.sim.pieces import Pieces
from lablink_dpg.sim.rest import Refusal
from lablink_dpg.sim.signals import mix
from lablink_dpg.sim.stamps import LocalClock, local_clock
from lablink_dpg.sim.typed import Position

GENERATION_SEEDS: Final = 1 << 32  # between two generations of acquisitions: more than seeds on a command line
ADDED_CHANNEL: Final = "added"
SERVER_VERSION = "1.2.5"  # the LabLink release whose protocol this is


class Lab:
    def __init__(
        self,
        options: BenchOptions | None = None,
        clock: LocalClock | None = None,
        faults: Faults | None = None,
        new_token: Callable[[], int] = lambda: uuid.uuid4().int & (1 << 63) - 1,
        *,
        token: str | None = None,
        password: str = DEFAULT_PASSWORD,
        token_life_s: float = TOKEN_LIFE_S,
        has_strict_locks: bool = False,
        is_typed: bool = True,
    ) -> None:
        """``new_token``: randomness of the ids of what is created later. ``token`` switches security on.
        ``has_strict_locks``: connections of devices want a session and a lock as well. ``is_typed``: typed messages
        for clients that offer to take them."""
        self.options = options or BenchOptions()
        self.is_typed = is_typed  # may be changed: for the next connections
        self._steady = clock or local_clock()
        self._jump_us = 0  # how far the server's clock is from the steady one
        self.faults = faults or Faults()
        self.hub = Hub(self.faults)
        self.new_token = new_token
        self.access = Access(token, password, self.clock, new_token, token_life_s)
        self.locks = Locks(self.clock, self.new_id, is_strict=has_strict_locks)
        self.alarms = Alarms(self.clock, self.new_id, self.hub.publish)
        self.jobs = Jobs(self.clock, self.new_id, self.hub.publish, self._measure)
        self.health = Health(self.clock, self.new_id, self.hub.publish)
        self._exports: tempfile.TemporaryDirectory[str] | None = None  # made at the first export
        now_us = self.clock()
        self.devices: dict[str, Instrument] = {device.id: device for device in bench.instruments(self.options, now_us)}
        self._bench = tuple(self.devices.values())  # as they stood there in the beginning
        self._generation = 0
        self.acquisitions: dict[str, Acquisition] = {}
        self.faults.acquisitions = self.acquisitions
        self._start_acquisitions()

    def clock(self) -> int:
        """The server's time in local µs; it may jump."""
        return self._steady() + self._jump_us

    def jump(self, by_us: int) -> None:
        """Set the clock. The instruments go on sampling at their pace, whatever time it is."""
        for acquisition in self.acquisitions.values():
            acquisition.jump(by_us, self.clock())
        self._jump_us += by_us

    def _start_acquisitions(self) -> None:
        now_us = self.clock()
        options = replace(self.options, seed=self.options.seed + self._generation * GENERATION_SEEDS)
        for config in bench.configs(options, self._bench):
            acquisition = self.acquisitions[config.acquisition_id] = Acquisition(config, now_us)
            acquisition.start(now_us)

    def renew_acquisitions(self) -> None:
        """The same kind of acquisitions as in the beginning, under new ids and with new signals."""
        self._generation += 1
        self.acquisitions.clear()
        self._start_acquisitions()

    def restart_acquisitions(self, *, has_other_channels: bool) -> None:
        """Each counts from 0 again; with other channels one is added, or taken away again."""
        now_us = self.clock()
        for number, acquisition in enumerate(self.acquisitions.values()):
            acquisition.stop(now_us)
            if has_other_channels:
                config = acquisition.config
                rest = {name: spec for name, spec in config.signals.items() if name != ADDED_CHANNEL}
                if ADDED_CHANNEL not in config.channels:
                    seed = mix(self.options.seed) + number
                    log2 = bench.loop_log2(self.options)
                    rest |= bench.channel_specs([ADDED_CHANNEL], number + 1, seed, config.sample_rate_hz, log2)
                acquisition.config = replace(config, channels=tuple(rest), signals=rest)
            acquisition.start(now_us)

    def _measure(self, equipment_id: str) -> dict[str, Any] | None:
        """What a job does."""
        return self.device(equipment_id).readings(self.clock())

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{mix(self.new_token()) >> 32:08x}"

    def device(self, equipment_id: str) -> Instrument:
        """Raises:
        Refusal: 404, in the real server's words.
        """
        device = self.devices.get(equipment_id)
        if device is None:
            raise Refusal(404, f"Device {equipment_id} not found. Available: {list(self.devices)}")
        return device

    def connect(self, equipment_type: str, model: str, resource: str) -> Instrument:
        """Connecting what is connected already answers the same device again."""
        for device in self.devices.values():
            if device.resource == resource:
                return device
        kind = KINDS.get(equipment_type)
        if kind is None or not resource.startswith("MOCK::"):
            raise Refusal(500, f"Could not connect to {equipment_type} at {resource}")
        device = kind(model, resource, self.new_token() >> 8, self.clock())
        self.devices[device.id] = device
        self._wire()
        return device

    def disconnect(self, equipment_id: str) -> None:
        device = self.device(equipment_id)
        del self.devices[device.id]
        self.locks.forget(device.id)
        self._wire()

    def found(self) -> list[Instrument]:
        """What a search finds: what is connected, and what stood on the bench and is not any more."""
        resources = {device.resource for device in self.devices.values()}
        return [*self.devices.values(), *(device for device in self._bench if device.resource not in resources)]

    def _wire(self) -> None:
        """The first supply feeds the first load; a lone one feeds nothing."""
        supplies = [device for device in self.devices.values() if isinstance(device, PowerSupply)]
        loads = [device for device in self.devices.values() if isinstance(device, ElectronicLoad)]
        for supply in supplies:
            supply.load = None
        for load in loads:
            load.supply = None
        if supplies and loads:
            bench.wire(supplies[0], loads[0])

    def acquisition(self, acquisition_id: str) -> Acquisition:
        """Raises:
        Refusal: 404.
        """
        acquisition = self.acquisitions.get(acquisition_id)
        if acquisition is None:
            raise Refusal(404, f"Acquisition session {acquisition_id} not found")
        return acquisition

    def create_acquisition(self, fields: Mapping[str, Any]) -> Acquisition:
        """``fields``: those of ``Config`` but for id and signals, which follow from the seed and the number."""
        token = self.new_token()
        seed = mix(self.options.seed) + (1 << 20) + token
        signals = bench.channel_specs(fields["channels"], len(self.acquisitions), seed, fields["sample_rate_hz"])
        new_id = str(uuid.UUID(int=mix(token) << 64 | mix(token + 1), version=4))
        acquisition = Acquisition(Config(acquisition_id=new_id, signals=signals, **fields), self.clock())
        self.acquisitions[new_id] = acquisition
        return acquisition

    def export_folder(self) -> Path:
        """Where exports are written; gone after ``close``."""
        if self._exports is None:
            self._exports = tempfile.TemporaryDirectory(prefix="lablink-sim-")
        return Path(self._exports.name)

    def close(self) -> None:
        """Remove the exported files."""
        if self._exports is not None:
            self._exports.cleanup()
            self._exports = None

    def acquisition_source(self, acquisition_id: str, num_samples: int) -> Source:
        """Messages of an acquisition stream; one that does not exist ends without a word."""

        def source() -> Pieces | None:
            acquisition = self.acquisitions.get(acquisition_id)
            return None if acquisition is None else acquisition.pieces(num_samples, self.clock())

        return source

    def typed_position(self, acquisition_id: str, num_samples: int, *, is_incremental: bool) -> Position:
        """The same as typed messages."""
        return Position(
            lambda: self.acquisitions.get(acquisition_id), self.clock, num_samples, is_incremental=is_incremental
        )

    def equipment_source(self, equipment_id: str, stream_type: str) -> Source:
        """Messages of a ``start_stream``; a device or type that does not exist ends without a word."""

        def source() -> str | None:
            device = self.devices.get(equipment_id)
            data = None if device is None else device.stream(stream_type, self.clock())
            if data is None:
                return None
            message = {"type": "stream_data", "equipment_id": equipment_id, "stream_type": stream_type, "data": data}
            return orjson.dumps(message).decode()

        return source
