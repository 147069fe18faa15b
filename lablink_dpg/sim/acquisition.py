"""One acquisition session: its configuration, its state and what it answers.

Samples exist by the clock alone; nothing runs between two questions, so a thousand idle acquisitions cost nothing.
Every method takes the time, so that an end by itself (``num_samples``, ``duration_seconds``) is noticed at the next
question, dated to the moment it happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import AcquisitionState
from lablink_dpg.sim import DEFAULT_BUFFER
from lablink_dpg.sim.pieces import Buffer, Pieces
from lablink_dpg.sim.sample_arrays import SampleArrays
from lablink_dpg.sim.sample_text import SampleText
from lablink_dpg.sim.stamps import iso, iso_or_none
from lablink_dpg.sim.timeline import Timeline
from lablink_dpg.sim.trigger import Trigger
from lablink_dpg.sim.typed import Head, Window

MODES: Final = ("continuous", "single_shot", "triggered")


@dataclass(frozen=True, slots=True)
class Config:
    """What ``POST …/session/create`` fixes. ``signals``: for each channel the spec of ``signals.expected``."""

    acquisition_id: str
    equipment_id: str
    name: str | None
    sample_rate_hz: float
    channels: tuple[str, ...]
    signals: Mapping[str, Mapping[str, Any]]
    mode: str = "continuous"
    num_samples: int | None = None
    duration_s: float | None = None
    trigger: Trigger = field(default_factory=Trigger)
    buffer_size: int = DEFAULT_BUFFER
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sample_limit(self) -> int | None:
        """Samples after which a run ends by itself."""
        by_time = None if self.duration_s is None else int(self.duration_s * self.sample_rate_hz)
        limits = [limit for limit in (self.num_samples, by_time) if limit is not None]
        return min(limits) if limits else None

    def as_json(self) -> dict[str, Any]:
        return {
            "acquisition_id": self.acquisition_id,
            "equipment_id": self.equipment_id,
            "name": self.name,
            "description": None,
            "mode": self.mode,
            "sample_rate": self.sample_rate_hz,
            "num_samples": self.num_samples,
            "duration_seconds": self.duration_s,
            "channels": list(self.channels),
            "trigger_config": self.trigger.as_json(),
            "buffer_size": self.buffer_size,
            "auto_export": False,
            "export_format": "csv",
            "export_path": None,
            "metadata": {**self.metadata, "signals": {name: dict(spec) for name, spec in self.signals.items()}},
        }


_RUNNING = (AcquisitionState.ACQUIRING, AcquisitionState.PAUSED, AcquisitionState.WAITING_TRIGGER)


class Acquisition:
    """The state of one session. Event loop only."""

    def __init__(self, config: Config, now_us: int) -> None:
        self.config = config
        self._state = AcquisitionState.IDLE
        self._created_us = now_us
        self._stopped_us: int | None = None
        self._timeline: Timeline | None = None  # of the present run, kept after its end
        self._text: SampleText | None = None
        self._arrays: SampleArrays | None = None
        self._head: tuple[object, Head] | None = None  # of typed messages, and what it was made for

    @property
    def run(self) -> object:
        """Another one with each run."""
        return self._timeline

    def jump(self, by_us: int, now_us: int) -> None:
        """The clock is set by so much, now: later samples bear the new time, and none is made up or left out."""
        if self._timeline is not None:
            self._timeline.jump(by_us, now_us)

    def state(self, now_us: int) -> AcquisitionState:
        timeline = self._timeline
        is_waiting = self._state is AcquisitionState.WAITING_TRIGGER
        if timeline is not None and is_waiting and now_us >= timeline.start_us:
            self._state = AcquisitionState.ACQUIRING
        if timeline is not None and self._state is AcquisitionState.ACQUIRING and timeline.is_complete(now_us):
            self._state = AcquisitionState.STOPPED
            self._stopped_us = int(timeline.times(timeline.limit or 0, (timeline.limit or 0) + 1)[0])
            timeline.halt(now_us)
        return self._state

    def total(self, now_us: int) -> int:
        return 0 if self._timeline is None else self._timeline.total(now_us)

    def start(self, now_us: int) -> tuple[bool, str]:
        """A new run counts its samples from 0 again. Returns (success, message)."""
        if self.state(now_us) in _RUNNING:
            return False, "Already running"
        self._timeline = self._text = self._arrays = self._stopped_us = None
        wait_us = self._wait_us()
        if wait_us is not None:
            self._timeline = Timeline(self.config.sample_rate_hz, now_us + wait_us, self.config.sample_limit)
            self._text = SampleText(self._timeline, self.config.channels, self.config.signals)
            self._arrays = SampleArrays(self.config.channels, self.config.signals, self._text.loops)
        self._state = AcquisitionState.ACQUIRING if wait_us == 0 else AcquisitionState.WAITING_TRIGGER
        return True, "Acquisition started"

    def _wait_us(self) -> int | None:
        """From the start until the trigger; None if it never comes. The samples themselves then begin at number 0."""
        config = self.config
        if config.mode != "triggered" or config.trigger.trigger_type == "immediate":
            return 0
        at = config.trigger.fires_at(config.channels, config.signals)
        return (
            None if at is None else int(max(0, at - config.trigger.pre_trigger_samples) / config.sample_rate_hz * 1e6)
        )

    def stop(self, now_us: int) -> tuple[bool, str]:
        if self.state(now_us) not in _RUNNING:
            return False, "Not running"
        if self._timeline is not None:
            self._timeline.halt(now_us)
        self._stopped_us = now_us
        self._state = AcquisitionState.STOPPED
        return True, "Acquisition stopped"

    def pause(self, now_us: int) -> tuple[bool, str]:
        if self._timeline is None or self.state(now_us) is not AcquisitionState.ACQUIRING:
            return False, "Not running"
        self._timeline.halt(now_us)
        self._state = AcquisitionState.PAUSED
        return True, "Acquisition paused"

    def resume(self, now_us: int) -> tuple[bool, str]:
        if self._timeline is None or self.state(now_us) is not AcquisitionState.PAUSED:
            return False, "Not paused"
        self._timeline.resume(now_us)
        self._state = AcquisitionState.ACQUIRING
        return True, "Acquisition resumed"

    def stats(self, now_us: int, total: int) -> dict[str, Any]:
        timeline = self._timeline
        duration_s = None
        if timeline is not None and self._stopped_us is not None:
            duration_s = max(0, self._stopped_us - timeline.start_us) / 1e6
        active_s = 0.0 if timeline is None else timeline.active_us(now_us) / 1e6
        return {
            "total_samples": total,
            "samples_per_channel": dict.fromkeys(self.config.channels, total),
            "start_time": None if timeline is None else iso(timeline.start_us),
            "end_time": iso_or_none(self._stopped_us),
            "duration_seconds": duration_s,
            "actual_sample_rate": total / active_s if duration_s is not None and active_s else None,
            "buffer_overruns": 0,
            "min_values": {},
            "max_values": {},
            "mean_values": {},
        }

    def message(self, num_samples: int, now_us: int) -> str:
        """``pieces`` as one text."""
        return str(self.pieces(num_samples, now_us))

    def pieces(self, num_samples: int, now_us: int) -> Pieces:
        """The ``acquisition_stream`` message: the latest samples again, whatever the state."""
        state = self.state(now_us)
        total = self.total(now_us)
        count = min(num_samples, total, self.config.buffer_size)
        data: list[Buffer] = [b"null"]
        if count and self._text is not None:
            data = [b"{", *self._text.pieces(total - count, total), b',"count":%d}' % count]
        head = orjson.dumps(self._says(state, now_us, total))
        return Pieces([head[:-1], b',"data":', *data, b"}"])

    def window(self, first: int, stop: int, total: int, state: AcquisitionState, now_us: int) -> Window:
        """The typed message with samples first..stop-1, of ``total`` that there are."""
        made_for = (state, self._stopped_us, self._timeline, self.config)
        if self._head is None or self._head[0] != made_for:
            self._head = made_for, Head(self._says(state, now_us, total))
        head = self._head[1].at(total)
        if self._timeline is None or self._arrays is None or first == stop:
            return Window(head, stop, 0, (0, 0), {})
        times = self._timeline.even(first, stop)
        return Window(
            head,
            first,
            stop - first,
            self._timeline.times(first, stop) if times is None else times,
            self._arrays.pieces(first, stop),
        )

    def _says(self, state: AcquisitionState, now_us: int, total: int) -> dict[str, Any]:
        """A message but for its samples."""
        return {
            "type": "acquisition_stream",
            "acquisition_id": self.config.acquisition_id,
            "state": state.value,
            "stats": self.stats(now_us, total),
        }

    def data(self, num_samples: int | None, now_us: int) -> str:
        """The answer of ``GET …/data``: of the buffer the newest ``num_samples``, or all."""
        total = self.total(now_us)
        count = min(total, self.config.buffer_size)
        if num_samples is not None:
            count = min(count, max(0, num_samples))
        if self._text is None:
            empty = {"timestamps": [], "values": {channel: [] for channel in self.config.channels}}
            window = orjson.dumps(empty).decode()[1:-1]
        else:
            window = self._text.window(total - count, total)
        head = orjson.dumps(
            {"acquisition_id": self.config.acquisition_id, "channels": list(self.config.channels)}
        ).decode()
        return f'{head[:-1]},"data":{{{window}}},"count":{count}}}'

    def buffered(self, now_us: int) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
        """Everything the buffer holds, for an export: times in local µs and each channel's values."""
        total = self.total(now_us)
        first = total - min(total, self.config.buffer_size)
        if self._timeline is None or self._text is None:
            return np.empty(0, dtype=np.int64), [np.empty(0) for _ in self.config.channels]
        return self._timeline.times(first, total), self._text.values(first, total)

    def status(self, now_us: int) -> dict[str, Any]:
        """The answer of ``GET …/status``."""
        state = self.state(now_us)
        return {
            "acquisition_id": self.config.acquisition_id,
            "equipment_id": self.config.equipment_id,
            "state": state.value,
            "config": self.config.as_json(),
            "stats": self.stats(now_us, self.total(now_us)),
            "created_at": iso(self._created_us),
            "started_at": None if self._timeline is None else iso(self._timeline.start_us),
            "stopped_at": iso_or_none(self._stopped_us),
        }

    def summary(self, now_us: int) -> dict[str, Any]:
        """One entry of ``GET /api/acquisition/sessions``."""
        return {
            "acquisition_id": self.config.acquisition_id,
            "equipment_id": self.config.equipment_id,
            "name": self.config.name,
            "state": self.state(now_us).value,
            "mode": self.config.mode,
            "created_at": iso(self._created_us),
            "total_samples": self.total(now_us),
        }
