"""The newest waveform captured of each device of one server."""

from __future__ import annotations

from dataclasses import dataclass

from lablink_dpg.model.waveform import Waveform

MAX_BYTES = 64 * 2**20  # of all waveforms together; the oldest go for a new one


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    waveform: Waveform
    at_us: int  # when it was here

    @property
    def size_bytes(self) -> int:
        return self.waveform.time_s.nbytes + self.waveform.volts.nbytes


class CaptureBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self._all: dict[str, Capture] = {}  # by equipment_id, the oldest first

    def get(self, equipment_id: str) -> Capture | None:
        return self._all.get(equipment_id)

    def take(self, waveform: Waveform, at_us: int) -> None:
        self._all.pop(waveform.equipment_id, None)
        self._all[waveform.equipment_id] = Capture(waveform, at_us)
        while len(self._all) > 1 and sum(capture.size_bytes for capture in self._all.values()) > MAX_BYTES:
            del self._all[next(iter(self._all))]
        self.revision += 1

    def dismiss(self, equipment_id: str) -> None:
        """Nobody wants to see it any more."""
        if self._all.pop(equipment_id, None) is not None:
            self.revision += 1
