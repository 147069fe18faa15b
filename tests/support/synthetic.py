"""A source for the window without server or thread: known signals go into a real store, real frames come out."""

from __future__ import annotations

import select
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

import numpy as np

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.books.lab import LabBook
from lablink_dpg.books.notices import Notices
from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.model.commands import Command
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import (
    DeviceReading,
    LinkCounters,
    LinkEvent,
    LinkNeed,
    LinkState,
    LinkStatus,
    Mode,
    StreamState,
    StreamStatus,
)
from lablink_dpg.model.messages import Reading
from lablink_dpg.preferences import Preferences, Server
from lablink_dpg.preferences.keeper import Keeper
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import AcquisitionLine, Frame, ReadingLine, ServerLine, StreamLine
from lablink_dpg.query.names import short_names
from lablink_dpg.query.view import View
from lablink_dpg.session.lines import acquisition_line
from lablink_dpg.session.readings import Readings, Shelf
from lablink_dpg.store.store import Store
from tests.support.synthetic_devices import SyntheticDevices

LAG_US = 100_000
KINDS = ("Scope", "Supply", "Load", "DAQ")
STATES = (StreamState.SILENT, StreamState.PAUSED, StreamState.POLLED, StreamState.STOPPED)
SERVERS = (
    *("labserver:8000", "bench-b.physics.example:8000", "10.0.0.7:8443", "cellar:8000"),
    *("https://attic.example:443", "roof:8000", "[fe80::7]:8000", "hall-with-a-long-name:8000"),
)
INGEST_EVERY_US = 50_000
READ_EVERY_US = 100_000


@dataclass
class SyntheticSource:
    """``streams`` acquisitions of ``channels`` at ``rate_hz``, the last ``history_s`` already there at the start.

    With ``has_trouble`` some streams are paused, silent, polled or have lost samples. ``others`` are states of further
    servers; streams are dealt out to all of them in turn.
    """

    streams: int = 16
    channels: int = 1
    rate_hz: int = 1000
    history_s: float = 12.0
    has_trouble: bool = False
    is_quiet: bool = False
    more_events: int = 0
    link_state: LinkState = LinkState.STREAMING
    others: tuple[LinkState, ...] = ()
    reason: str = "WebSocket open, REST answers"
    questions: dict[str, tuple[LinkNeed, str]] = field(default_factory=dict)  # by server: what it needs, and why
    insecure: frozenset[str] = frozenset()  # servers whose certificate is not verified
    bench: int = 0  # devices of each server that are listed, with their readings in its book
    devices: int = 0  # that send readings ten times a second
    infos: dict[str, AcquisitionInfo] = field(default_factory=dict)  # by stream, instead of what the store has
    equipment: tuple[EquipmentInfo, ...] = ()  # of every server
    sent: list[Command] = field(default_factory=list)
    sent_to: list[str] = field(default_factory=list)  # servers, as ``sent``; "" is all of them
    asked: list[View] = field(default_factory=list)
    alarm_book: AlarmBook | None = None  # what the plots are to mark; ``eq_0`` is the device of the first stream
    channel_name: str = "CH{}"  # with the channel's number
    keeper: Keeper = field(default_factory=Keeper)
    asked_to_watch: list[tuple[Server, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notices = Notices()
        self.benches = [SyntheticDevices(self.bench) for _ in range(1 + len(self.others))]  # one a server
        self._clock = AxisClock()
        self.labs = [LabBook(server) for server in SERVERS[: 1 + len(self.others)]]
        self._store = Store(int(self.rate_hz * (self.history_s + 120)))
        self._memory = FrameMemory()
        self._start_us = self._clock.now_us() - int(self.history_s * 1e6)
        self._totals = [0] * self.streams
        self._ingested_us = 0
        names = tuple(self.channel_name.format(i + 1) for i in range(self.channels))
        self.ids = [f"acq_{i:04d}" for i in range(self.streams)]
        for i, key in enumerate(self.ids):
            name = f"{KINDS[i % 4]} {i + 1}" + (" with a long name that somebody gave it" if i == 2 else "")
            info = AcquisitionInfo(key, f"eq_{i}", name, AcquisitionState.ACQUIRING, names, float(self.rate_hz))
            self._store.describe(info, "synthetic:8000")
        self._readings = Readings(SERVERS[0], lambda name: name)
        self._shelf = Shelf()
        self._read_us = self._start_us if self.devices else 0
        self.retry_us = self._clock.now_us() + 4_500_000
        self.mode = Mode.HYBRID

    def _link_state(self, index: int) -> LinkState:
        """Of the server of stream ``index``."""
        return (self.link_state, *self.others)[index % (1 + len(self.others))]

    def _state(self, index: int) -> StreamState:
        if self._link_state(index) is LinkState.POLLING:
            return StreamState.POLLED
        if self._link_state(index) is not LinkState.STREAMING:
            return StreamState.WAITING
        if self.has_trouble and index % 5 == 4:
            return STATES[index // 5 % len(STATES)]
        return StreamState.STREAMING

    def now_us(self) -> int:
        return self._clock.now_us()

    def _ingest(self, now_us: int) -> None:
        if now_us - self._ingested_us < INGEST_EVERY_US:
            return
        first = self._ingested_us == 0
        self._ingested_us = now_us
        total = (now_us - self._start_us) * self.rate_hz // 1_000_000
        for i, key in enumerate(self.ids):
            if self._state(i) not in (StreamState.STREAMING, StreamState.POLLED) and not first:
                continue
            pieces = [(self._totals[i], total)]
            if first and self.has_trouble and i % 4 == 1:
                pieces = [(0, total * 6 // 10), (total * 6 // 10 + self.rate_hz // 3, total)]
            for start, stop in pieces:
                if stop > start:
                    self._store.ingest(self._block(i, key, start, stop), now_us)
                    self._totals[i] = stop

    def _block(self, i: int, key: str, start: int, stop: int) -> AcquisitionBlock:
        n = np.arange(start, stop, dtype=np.int64)
        t = n / self.rate_hz
        rng = np.random.default_rng(i)
        noise = rng.normal(0, 0.02, 4096)[n % 4096]
        rows = []
        for c in range(self.channels):
            phase = 2 * np.pi * (0.2 + 0.07 * (i % 7) + 0.1 * c) * t + i
            match (i + c) % 4:
                case 0:
                    wave = np.sin(phase) * (1 + i % 3)
                case 1:
                    wave = np.where(np.sin(phase) > 0, 3.3, 0.0)
                case 2:
                    wave = 5.0 + 1e-3 * np.sin(phase)
                case _:
                    wave = (phase / (2 * np.pi) % 1.0) * 12 - 2
            scale = 2e-4 if (i + c) % 4 == 2 else 1.0
            rows.append(wave + noise * scale + np.where(n % (7 * self.rate_hz) == 0, 0.8 * scale, 0))
        times = self._start_us + n * 1_000_000 // self.rate_hz
        names = tuple(self.channel_name.format(c + 1) for c in range(self.channels))
        values = np.ascontiguousarray(np.stack(rows))
        return AcquisitionBlock(key, AcquisitionState.ACQUIRING, stop, stop - start, times, names, values)

    def news(self) -> int:
        """Samples come all the time; a source that ``is_quiet`` says so of nothing but its own changes."""
        return sum(lab.revision for lab in self.labs) if self.is_quiet else self.now_us()

    def rest(self, seconds: float, *descriptors: int) -> None:
        """Nothing here is told by a thread: news is made by scripts, between two turns."""
        select.select(descriptors, (), (), seconds)

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def frame(self, view: View) -> Frame:
        self.asked = [*self.asked[-199:], view]
        now = self.now_us()
        self._ingest(now)
        self._read(now)
        self._shelf.hold(self._store.series, [self._readings.series])
        book = self.alarm_book
        book_of = None if book is None else lambda _: book
        return build_frame(self._shelf, view, now, LAG_US, self._memory, book_of)

    def _read(self, now_us: int) -> None:
        """Device n is at n + 5 volts with a ripple, and at half as many amps."""
        while self.devices and self._read_us + READ_EVERY_US <= now_us:
            self._read_us += READ_EVERY_US
            ripple = 0.3 * np.sin(self._read_us / 4e5)
            for number in range(self.devices):
                volts = number + 5 + float(ripple)
                data = {"voltage_actual": volts, "current_actual": volts / 2, "output_enabled": True, "mode": "CC"}
                self._readings.take(Reading(f"psu_{number}", "readings", data), self._read_us)

    def reading_lines(self) -> Sequence[ReadingLine]:
        return self._readings.lines(self.links()[0], lambda name: name, self.now_us())

    def stream_lines(self) -> Sequence[StreamLine]:
        now = self.now_us()
        lines = []
        for key in self.ids:
            series = self._store.series[key]
            rate = series.rate.rate_hz(now)
            latency = None if series.ring.head == 0 else 31.0
            counters = series.counters
            age_ms = None if series.newest_us is None else (now - series.newest_us) / 1000
            index = int(key[4:])
            name = series.info.name
            if self.others:
                servers = SERVERS[: 1 + len(self.others)]
                name = f"{short_names(servers)[servers[index % len(servers)]]}/{name}"
            words = (key, name, series.channels, rate, latency, counters.lost, counters.received)
            lines.append(StreamLine(*words, self._state(index), age_ms, age_ms is not None and age_ms > 1000))
        return lines

    def acquisition_lines(self) -> Sequence[AcquisitionLine]:
        lines = []
        for line in self.stream_lines():
            series = self._store.series[line.stream]
            info = self.infos.get(line.stream, series.info)
            server = SERVERS[int(line.stream[4:]) % (1 + len(self.others))]
            lines.append(acquisition_line(server, line, series)._replace(info=info))
        return lines

    def history(self) -> int:
        return self._store.capacity

    def links(self) -> Sequence[LinkStatus]:
        now = self.now_us()
        links = []
        for number, link_state in enumerate((self.link_state, *self.others)):
            streams = {
                key: StreamStatus(self._state(int(key[4:])), 50, 100)
                for key in self.ids
                if int(key[4:]) % (1 + len(self.others)) == number
            }
            retry = self.retry_us if link_state is LinkState.WAITING else None
            reason = self.reason if number == 0 else "Connection refused" if retry is not None else ""
            counters = LinkCounters(messages=123_456 * (1 + number), bytes=98_765_432, reconnects=number)
            if self.has_trouble:
                reasons = {"not JSON": 1, "NaN or infinite": 2}
                counters = replace(counters, invalid_messages=3, invalid_by_reason=reasons, rest_errors=1)
            needs, why = self.questions.get(SERVERS[number], (LinkNeed.NOTHING, ""))
            since_us = now - 83_000_000 * (1 + number)
            links.append(
                LinkStatus(
                    server=SERVERS[number],
                    mode=self.mode,
                    state=link_state,
                    reason=reason,
                    since_us=since_us,
                    next_retry_us=retry,
                    server_version="1.2.5",
                    no_acquisitions="",
                    no_equipment="",
                    needs=needs,
                    needs_why=why,
                    is_insecure=SERVERS[number] in self.insecure,
                    streams=streams,
                    readings=self._readings_of(number, now),
                    equipment=self.benches[number].equipment or self.equipment,
                    counters=counters,
                )
            )
        return links

    def _readings_of(self, number: int, now_us: int) -> dict[tuple[str, str], DeviceReading]:
        """Of one server."""
        if self.bench or number:
            return self.benches[number].readings(now_us)
        return self._device_readings()

    def _device_readings(self) -> dict[tuple[str, str], DeviceReading]:
        keys = [(f"psu_{number}", "readings") for number in range(self.devices)]
        return {key: DeviceReading(*key, StreamState.STREAMING) for key in keys}

    def server_lines(self) -> Sequence[ServerLine]:
        return [ServerLine(link, self.total_rate(), 1_234_567, 0, 120, 31.0, 84.0, 0) for link in self.links()]

    @property
    def dropped_events(self) -> int:
        return 2 if self.has_trouble else 0

    def books(self) -> Sequence[LabBook]:
        for book, bench in zip(self.labs, self.benches, strict=True):
            bench.feed(book, self.now_us())
        return self.labs

    def memory_mb(self) -> float:
        return 128.4

    def total_rate(self) -> float:
        return float(self.streams * self.channels * self.rate_hz)

    @property
    def preferences(self) -> Preferences:
        return self.keeper.preferences

    @property
    def preferences_place(self) -> str:
        return self.keeper.place

    def change_preferences(self, preferences: Preferences) -> None:
        self.keeper.change(preferences, self.now_us() / 1e6)

    @property
    def watched(self) -> Sequence[Server]:
        return [Server(link.server) for link in self.links()]

    def watch_typed(self, servers: Sequence[Server]) -> None:
        """As a session would, but that the servers stay those of the source."""
        for address, ws_port in servers:
            parse_address(address, ws_port)
        self.asked_to_watch.append(tuple(servers))

    def send(self, command: Command, server: str = "") -> None:
        self.sent.append(command)
        self.sent_to.append(server)

    def events(self) -> Sequence[LinkEvent]:
        now = self.now_us()
        lines = [
            LinkEvent(now - 9_000_000, "connecting to labserver:8000", server=SERVERS[0]),
            LinkEvent(now - 8_000_000, "WebSocket refused: Connection reset by peer", True, SERVERS[0]),
            LinkEvent(now - 7_000_000, "WebSocket open, 16 streams requested", server=SERVERS[0]),
        ]
        more = "Scope 3 is silent: acknowledged and nothing came for 1.0 s; polled over REST, asked for again in 30 s"
        lines += [LinkEvent(now - 6_000_000 + i * 1000, more, i % 2 == 0, SERVERS[1]) for i in range(self.more_events)]
        return tuple(lines)
