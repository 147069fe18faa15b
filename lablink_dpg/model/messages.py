"""What one message from the server means, besides acquisition samples.

``Message`` is everything the decoder can answer with; it never raises, a bad message is a value too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionState


@dataclass(frozen=True, slots=True)
class AcquisitionEmpty:
    """An ``acquisition_stream`` message without data yet: the stream is alive, nothing to store."""

    acquisition_id: str
    state: AcquisitionState
    total_samples: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One ``stream_data`` message: readings, measurements or waveform metadata of one device."""

    equipment_id: str
    stream_type: str
    data: Mapping[str, Any]
    at_us: int | None = field(default=None, compare=False)  # Unix µs of its arrival; None where nobody noted it


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """``stream_started`` and its kin. It proves nothing: the server acknowledges streams that never send."""

    type: str
    target: str  # acquisition_id or equipment_id
    stream_type: str = "acquisition"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """An alarm, job, health, benchmark or discovery event, its fields as sent."""

    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pong:
    pass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """First message of enhanced servers."""

    features: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerError:
    detail: str


@dataclass(frozen=True, slots=True)
class BadMessage:
    """A message that could not be used; counted under ``reason``, which is one of a small fixed set."""

    reason: str
    detail: str = ""  # at most 200 characters, for a person


Message: TypeAlias = (
    AcquisitionBlock
    | AcquisitionEmpty
    | Reading
    | Acknowledgement
    | ServerEvent
    | Pong
    | Capabilities
    | ServerError
    | BadMessage
)
