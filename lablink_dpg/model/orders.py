"""What the display can have a server do over REST, and what became of it.

This is a monitor: the only orders are about acquisitions, alarms, jobs, benchmarks, connections of devices, and the
display's own streams. Nothing here sets a voltage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class ConnectDevice:
    resource: str  # VISA's, or MOCK::…
    type: str  # oscilloscope, power_supply, electronic_load, …
    model: str


@dataclass(frozen=True, slots=True)
class DisconnectDevice:
    equipment_id: str


@dataclass(frozen=True, slots=True)
class Discover:
    """Have the server look for devices; ``discovery_progress`` tells how that goes."""


@dataclass(frozen=True, slots=True)
class CaptureWaveform:
    """Of an oscilloscope; the outcome's data have it as ``waveform``, a ``model.waveform.Waveform``."""

    equipment_id: str
    channel: int = 1


@dataclass(frozen=True, slots=True)
class CreateAcquisition:
    equipment_id: str
    name: str
    sample_rate_hz: float
    channels: tuple[str, ...]
    mode: str = "continuous"  # continuous, single_shot, triggered
    buffer_size: int = 10_000  # samples a channel that the server keeps
    num_samples: int | None = None  # None: until it is stopped
    duration_s: float | None = None
    trigger: Mapping[str, Any] = field(default_factory=dict)  # as trigger_config of the protocol; empty: at once
    is_started: bool = True  # as soon as it is created


@dataclass(frozen=True, slots=True)
class ControlAcquisition:
    acquisition_id: str
    action: Literal["start", "stop", "pause", "resume", "delete"]
    name: str = ""  # as a person calls it, for what is told of the outcome


@dataclass(frozen=True, slots=True)
class ExportAcquisition:
    """Into a file on the server; the outcome says where."""

    acquisition_id: str
    format: Literal["csv", "hdf5", "npy", "json"]
    name: str = ""  # as in ControlAcquisition


@dataclass(frozen=True, slots=True)
class AcknowledgeAlarm:
    event_id: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClearAlarm:
    alarm_id: str


@dataclass(frozen=True, slots=True)
class RunBenchmark:
    equipment_id: str


@dataclass(frozen=True, slots=True)
class ControlJob:
    job_id: str
    action: Literal["run", "pause", "resume"]


Order: TypeAlias = (
    ConnectDevice
    | DisconnectDevice
    | Discover
    | CaptureWaveform
    | CreateAcquisition
    | ControlAcquisition
    | ExportAcquisition
    | AcknowledgeAlarm
    | ClearAlarm
    | RunBenchmark
    | ControlJob
)


@dataclass(frozen=True, slots=True)
class OrderDone:
    """What became of an order. It is posted once for each."""

    order: Order
    is_done: bool
    text: str  # one line for a person: what was done, or why not
    at_us: int
    data: Mapping[str, Any] = field(default_factory=dict)  # of the server's answer
