"""An acquisition as the server describes it, and one decoded message of its samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.even import EvenTimes
from lablink_dpg.model.rows import Rows

Int64Array: TypeAlias = NDArray[np.int64]
TimesUs: TypeAlias = Int64Array | EvenTimes
Float64Array: TypeAlias = NDArray[np.float64]
FloatArray: TypeAlias = NDArray[np.floating[Any]]  # of either storage
Values: TypeAlias = NDArray[Any] | Rows  # numbers of any type, shape (channels, n); perhaps views of a message


class AcquisitionState(StrEnum):
    """States a LabLink server names; UNKNOWN stands for any other word."""

    IDLE = "idle"
    WAITING_TRIGGER = "waiting_trigger"
    ACQUIRING = "acquiring"
    PAUSED = "paused"
    STOPPED = "stopped"
    ERROR = "error"
    UNKNOWN = "unknown"

    @classmethod
    def parse(cls, text: object) -> AcquisitionState:
        return _STATES.get(str(text), cls.UNKNOWN)


_STATES = {state.value: state for state in AcquisitionState}  # looked up in a third of the time that calling it takes


@dataclass(frozen=True, slots=True)
class AcquisitionInfo:
    """One acquisition session as REST lists it."""

    acquisition_id: str
    equipment_id: str
    name: str
    state: AcquisitionState
    channels: tuple[str, ...]
    sample_rate_hz: float  # nominal; 0.0 where the server does not say
    buffer_size: int = 10_000  # samples a channel that the server keeps for REST
    total_samples: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    created_at: str = ""  # as the server writes it: another text under the same id is another run
    started_us: int | None = None  # naive, as the samples' times: another one is another run; None if not said
    mode: str = ""  # this and the rest: "" or None where the server does not say
    num_samples: int | None = None  # after which a run ends by itself
    duration_s: float | None = None  # the same
    trigger: Mapping[str, Any] = field(default_factory=dict)  # as trigger_config of the protocol
    started_at: str = ""  # as the server writes it
    stopped_at: str = ""
    actual_rate_hz: float | None = None  # of the run, as the server measured it
    overruns: int = 0  # of the server's own buffer


@dataclass(frozen=True, slots=True)
class AcquisitionBlock:
    """The samples of one ``acquisition_stream`` message that were not seen before.

    ``times_us`` has shape (n,), ``values`` (len(channels), n), n <= count. Its last sample is the server's number
    ``total_samples - 1``. ``count`` is the size of the whole window that the message carried, so that
    ``count - n`` samples are known overlap. A typed message may carry samples that were seen: n == count there.
    """

    acquisition_id: str
    state: AcquisitionState
    total_samples: int
    count: int
    times_us: TimesUs  # the server's naive local time as µs since 1970-01-01T00:00 naive
    channels: tuple[str, ...]
    values: Values
    problems: tuple[str, ...] = ()  # reasons of what had to be mended, each to be counted
    started_us: int | None = None  # when this run began, naive; None where the server does not say
    is_even: bool = False  # its times are known to rise evenly, or all but for whole microseconds
    is_finite: bool = True  # False: there may be infinities among the values; the ring looks, and takes them for NaN
    is_incremental: bool = False  # the server sends each sample once: no larger window would have brought what is lost


@dataclass(frozen=True, slots=True)
class DataWindow:
    """Samples answered by REST ``…/data``: the newest of the server's buffer, without their numbers."""

    acquisition_id: str
    times_us: Int64Array  # shape (n,), as in AcquisitionBlock
    channels: tuple[str, ...]
    values: Float64Array  # shape (len(channels), n)
    problems: tuple[str, ...] = ()
