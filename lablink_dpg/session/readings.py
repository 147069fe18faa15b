"""What devices said of themselves in the last minutes: one line of samples a device and kind, beside the acquisitions.

They are found by key like an acquisition's series, and are none: they are in no count of samples, no rate, no report.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from lablink_dpg.model.link import LinkState, LinkStatus, StreamState
from lablink_dpg.model.messages import Reading
from lablink_dpg.query.frame import ReadingLine, StreamLine
from lablink_dpg.store.readings import SILENT_PERIODS, ReadingSeries, numbers_of
from lablink_dpg.store.series import Series

ReadingKey: TypeAlias = tuple[str, str]  # equipment_id and kind

MAX_SERIES = 512  # twice as many as a server's devices may be: some send two kinds
GONE_US = 600_000_000  # a device that its server does not list for so long is gone for good
TIDY_EVERY_US = 1_000_000
OLD_US = 1_000_000  # nothing new for longer, and than a few of its own steps: what is shown is old

_UP = (LinkState.STREAMING, LinkState.POLLING)


class Readings:
    """Of one server. Main thread: it alone writes and reads."""

    def __init__(self, server: str, key: Callable[[str], str]) -> None:
        """``key`` makes of a name what is unique in a session."""
        self.series: Mapping[str, ReadingSeries] = {}  # by key of the session; replaced, never changed
        self.refused = 0  # readings of more devices than there may be
        self._server = server
        self._key = key
        self._of: dict[ReadingKey, str] = {}  # keys of the session
        self._names: dict[ReadingKey, str] = {}  # as the server listed it last; a device that is gone keeps it
        self._absent_us: dict[ReadingKey, int] = {}  # since when the server does not list a device
        self._tidy_us = 0

    def take(self, reading: Reading, now_us: int) -> str | None:
        """Store one; the key of its series, None where there is no number in it or no room for it."""
        values = numbers_of(reading.data)
        if not values:
            return None
        of = reading.equipment_id, reading.stream_type
        key = self._of.get(of)
        if key is None:
            series = ReadingSeries(*of, self._server, values)
            if len(self._of) >= MAX_SERIES or not series.channels:
                self.refused += 1
                return None
            key = self._of[of] = self._key(f"{of[1]}:{of[0]}")
            self.series = {**self.series, key: series}
        self.series[key].add(values, min(now_us, reading.at_us or now_us))
        return key

    def tidy(self, status: LinkStatus, now_us: int) -> None:
        """Forget devices that are gone for good; now and then, and only while their server can tell."""
        if now_us < self._tidy_us or status.state not in _UP:
            return
        self._tidy_us = now_us + TIDY_EVERY_US
        absent = [of for of in self._of if of not in status.readings]
        self._absent_us = {of: self._absent_us.get(of, now_us) for of in absent}
        gone = {of for of, since_us in self._absent_us.items() if now_us - since_us >= GONE_US}
        if gone:
            keys = {self._of.pop(of) for of in gone}
            self._names = {of: name for of, name in self._names.items() if of not in gone}
            self.series = {key: series for key, series in self.series.items() if key not in keys}
            self._absent_us = {of: since_us for of, since_us in self._absent_us.items() if of not in gone}

    def lines(self, status: LinkStatus, shown: Callable[[str], str], now_us: int) -> list[ReadingLine]:
        """The words beside a plot of each of them. ``shown`` makes of a device's name what a person reads."""
        listed = {each.equipment_id: each.label for each in status.equipment}
        self._names.update({of: listed[of[0]] for of in self._of if of[0] in listed})
        return [
            ReadingLine(
                self._server, of[0], of[1], self._line(of, key, shown(self._names.get(of) or of[0]), status, now_us)
            )
            for of, key in self._of.items()
        ]

    def _line(self, of: ReadingKey, key: str, name: str, status: LinkStatus, now_us: int) -> StreamLine:
        series, device = self.series[key], status.readings.get(of)
        age_us = max(0, now_us - (series.newest_us or now_us))
        without_it = StreamState.GONE if status.state in _UP else StreamState.WAITING
        usual_us = series.usual_us or 0
        return StreamLine(
            stream=key,
            name=name,
            channels=series.channels,
            rate_hz=series.rate.rate_hz(now_us),
            latency_ms=None,  # its time is that of its arrival
            lost=0,
            received=series.counters.received,
            state=device.state if device is not None else without_it,
            age_ms=age_us / 1000,
            note=device.note if device is not None else "",
            is_old=age_us >= max(OLD_US, SILENT_PERIODS * usual_us),
        )


class Shelf:
    """Where a frame finds series: acquisitions and readings together, made anew only when one comes or goes."""

    def __init__(self) -> None:
        self.series: Mapping[str, Series] = {}
        self.has_readings = False
        self._parts: list[Mapping[str, Series]] = []

    def hold(self, acquisitions: Mapping[str, Series], readings: Collection[Mapping[str, ReadingSeries]]) -> None:
        parts = [*readings, acquisitions]  # an acquisition that has a reading's name comes first
        if len(parts) != len(self._parts) or any(a is not b for a, b in zip(parts, self._parts, strict=True)):
            self._parts = parts
            self.has_readings = any(readings)
            used = [part for part in parts if part]
            self.series = used[0] if len(used) == 1 else {key: each for part in used for key, each in part.items()}
