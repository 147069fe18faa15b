"""The one object between the links and whoever looks: window, headless run, report, script."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from operator import attrgetter
from types import TracebackType
from typing import Self

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.books.lab import LabBook
from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import ServerAddress, parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.commands import Command, WatchTopics
from lablink_dpg.model.link import LinkEvent, LinkStatus
from lablink_dpg.model.messages import Reading
from lablink_dpg.model.orders import OrderDone
from lablink_dpg.model.storage import Storage
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem
from lablink_dpg.preferences import Preferences
from lablink_dpg.preferences.keeper import Keeper
from lablink_dpg.process import resident_bytes
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import AcquisitionLine, Frame, ReadingLine, ServerLine, StreamLine
from lablink_dpg.query.latency import LatencyHistogram
from lablink_dpg.query.marks import has_told
from lablink_dpg.query.view import View
from lablink_dpg.session.former import plus
from lablink_dpg.session.handlers import Handler, Handlers, MessageType
from lablink_dpg.session.lines import acquisition_line, stream_line
from lablink_dpg.session.readings import Shelf
from lablink_dpg.session.roll import Roll
from lablink_dpg.session.server import ServerSession
from lablink_dpg.store.counters import Counters
from lablink_dpg.store.readings import ReadingSeries
from lablink_dpg.store.series import Series

DEFAULT_HISTORY = 1_000_000  # samples a channel
KEPT_EVENTS = 500  # lines of the links' logs that a person may want to scroll back through
MEMORY_EVERY_US = 1_000_000  # asking the operating system costs up to a tenth of a millisecond
NEWS_STEP = 2**48  # for a change of servers: what the others add up to does not meet it by chance
LISTEN_STEP_S = 0.02  # between two looks at what came, for a script that does nothing else


class Session(Roll):
    """Servers, watched together. Made, asked and closed on the main thread; each link has a thread of its own.

    ``with session:`` starts and stops it.
    """

    def __init__(
        self,
        addresses: Sequence[ServerAddress],
        options: LinkOptions,
        history: int,
        clock: AxisClock,
        keeper: Keeper | None = None,
        storage: Storage = Storage.FLOAT64,
    ) -> None:
        """``history`` in samples a channel. No two ``addresses`` may be the same.

        ``keeper``: of what the person at the display has chosen; without it, that ends with the session.
        """
        super().__init__(addresses, options, history, clock, storage)
        self.ends_s = math.inf  # by time.monotonic: when a run of a limited duration ends, no rest goes on
        self.keeper = keeper or Keeper()
        self.handlers = Handlers()
        self._memory = FrameMemory()
        self._shelf = Shelf()
        self._shown: set[str] = set()  # keys of what the last frame showed, where there are readings at all
        self._shown_readings = 0  # that came of those, so far
        self._events: deque[LinkEvent] = deque(maxlen=KEPT_EVENTS)
        self._taken = 0  # lines of the log so far
        self._parts: tuple[Mapping[str, Series], ...] = ()  # of which the merged mappings below were made
        self._merged_at = 0  # … and after how many changes of the servers
        self._series: Mapping[str, Series] = {}
        self._owners: Mapping[str, ServerSession] = {}
        self._memory_mb = 0.0
        self._memory_due_us = 0

    def stop(self) -> None:
        """As ``Roll.stop``; what the links have told until then is taken in."""
        super().stop()
        self.drain()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    # -- what a script asks --------------------------------------------------------------------------------------

    def on(self, message_type: MessageType, handler: Handler) -> Callable[[], None]:
        """Have ``handler(server, message)`` called on this thread, by ``drain``; what is returned ends it.

        Raises as ``Handlers.add``.
        """
        return self.handlers.add(message_type, handler)

    def drain(self) -> int:
        """Take in what the links have told, and hand it to handlers for a bounded time; how many messages they got."""
        self._take_in()
        return self.handlers.run()

    def listen(self, duration_s: float) -> None:
        """``drain`` for so long, for a script that has nothing else to do."""
        ends_s = time.monotonic() + duration_s
        while (left_s := ends_s - time.monotonic()) > 0:
            self.drain()
            time.sleep(min(LISTEN_STEP_S, left_s))
        self.drain()

    @property
    def series(self) -> Mapping[str, Series]:
        """All streams by key, server by server; the same object until a stream comes or goes."""
        if len(self.servers) == 1 and self.servers[0].is_alone:
            return self.servers[0].store.series
        parts = tuple(server.store.series for server in self.servers)
        if (
            self._watches != self._merged_at
            or len(parts) != len(self._parts)
            or any(a is not b for a, b in zip(parts, self._parts, strict=True))
        ):
            self._parts, self._merged_at = parts, self._watches
            pairs = [(server, part) for server, part in zip(self.servers, parts, strict=True)]
            self._series = {server.key(name): series for server, part in pairs for name, series in part.items()}
            self._owners = {server.key(name): server for server, part in pairs for name in part}
        return self._series

    @property
    def reading_series(self) -> Mapping[str, ReadingSeries]:
        """Readings of all devices by key, a channel a value; not among ``series``, for they are no acquisitions."""
        return {key: series for server in self.servers for key, series in server.readings.series.items()}

    # -- what a window asks (gui.source.Source) ------------------------------------------------------------------

    def now_us(self) -> int:
        return self._clock.now_us()

    def turn(self) -> AbstractContextManager[None]:
        return self._turn.frame()

    def rest(self, seconds: float, *descriptors: int) -> None:
        """Sleep until a link has something to tell, one of these file descriptors can be read, or the time is up."""
        self._bell.rest(min(seconds, max(0.0, self.ends_s - time.monotonic())), *descriptors)

    def wake(self) -> None:
        """End a rest, or the next one. Any thread; for handlers of signals as well."""
        self._bell.ring()

    def news(self) -> int:
        """Another number than before if there is something else to show. Cheap: asked on every turn of a loop."""
        told = sum([server.store.changes + server.books.book.revision for server in self.servers])
        shown = self._taken + self._shown_readings
        return told + self.notices.revision + shown + self._watches * NEWS_STEP

    def frame(self, view: View) -> Frame:
        # The quickest server decides: another one that polls, or hangs, must not delay what this one shows.
        lag_us = min([server.lag_us for server in self.servers if server.is_up] or [self.servers[0].lag_us])
        is_told = any(has_told(server.books.book.alarms) for server in self.servers)
        book_of = self._alarms_of if is_told else None
        self._shelf.hold(self.series, [server.readings.series for server in self.servers])
        if self._shelf.has_readings:  # of those on the screen it is news that one came
            self._shown = {trace.stream for plot in view.plots for trace in plot.traces}
            if view.wall is not None:
                self._shown |= {lane.stream for lane in view.wall.lanes}
        frame = build_frame(self._shelf, view, self._clock.now_us(), lag_us, self._memory, book_of)
        self._note_latencies(frame)
        return frame

    def _alarms_of(self, stream: str) -> AlarmBook | None:
        """What the server of that stream has said of alarms."""
        if len(self.servers) == 1:
            return self.servers[0].books.book.alarms
        owner = self._owners.get(stream)
        if owner is None:
            owner = next((each for each in self.servers if stream in each.readings.series), None)
        return None if owner is None else owner.books.book.alarms

    def _note_latencies(self, frame: Frame) -> None:
        if len(self.servers) == 1:
            self.servers[0].latency.add(frame.latencies_ms, frame.counts)
        elif frame.measured:
            ages_ms = frame.latencies_ms.reshape(len(frame.measured), -1)
            owners = [self._owners[key] for key in frame.measured]
            for server in set(owners):
                own = [number for number, owner in enumerate(owners) if owner is server]
                server.latency.add(ages_ms[own].ravel(), [frame.counts[number] for number in own])

    def stream_lines(self) -> Sequence[StreamLine]:
        return [line for _, line, _ in self._lines()]

    def acquisition_lines(self) -> Sequence[AcquisitionLine]:
        return [acquisition_line(server, line, series) for server, line, series in self._lines()]

    def _lines(self) -> Iterator[tuple[str, StreamLine, Series]]:
        """Each stream's server, words and samples."""
        now_us, smoothed_ms = self._clock.now_us(), self._memory.latency.smoothed_ms
        for server in self.servers:
            streams = server.status.streams
            for name, series in server.store.series.items():
                key = server.key(name)
                line = stream_line(server, key, series, streams.get(name), smoothed_ms.get(key), now_us)
                yield server.name, line, series

    def history(self) -> int:
        return self.servers[0].store.capacity

    def reading_lines(self) -> Sequence[ReadingLine]:
        now_us = self._clock.now_us()
        return [line for each in self.servers for line in each.readings.lines(each.status, each.shown, now_us)]

    def links(self) -> Sequence[LinkStatus]:
        return [server.status for server in self.servers]

    def server_lines(self) -> Sequence[ServerLine]:
        now_us = self._clock.now_us()
        return [server.line(now_us) for server in self.servers]

    def books(self) -> Sequence[LabBook]:
        return [server.books.book for server in self.servers]

    def memory_mb(self) -> float:
        """Resident memory of the process, at most a second old."""
        now_us = self._clock.now_us()
        if now_us >= self._memory_due_us:
            self._memory_due_us = now_us + MEMORY_EVERY_US
            self._memory_mb = resident_bytes() / 1e6
        return self._memory_mb

    def total_rate(self) -> float:
        now_us = self._clock.now_us()
        return sum(series.rate.rate_hz(now_us) * len(series.channels) for series in self.series.values())

    def send(self, command: Command, server: str = "") -> None:
        """To the server of that name, or to all of them; that there is none of that name is a notice."""
        if isinstance(command, WatchTopics):
            self._topics = command.topics
            self._bell.is_for_readings = Topic.READINGS in command.topics
        meant = [each for each in self.servers if server in ("", each.name)]
        if not meant:
            text = f"{server} is not among the servers any more: nothing was asked of it"
            self.notices.say(text, self._clock.now_us(), is_problem=True)
        for each in meant:
            each.books.ordered(command, self._clock.now_us())
            each.network.send(command)

    def events(self) -> Sequence[LinkEvent]:
        self._take_in()
        return tuple(self._events)

    @property
    def dropped_events(self) -> int:
        """What was told and reached neither log nor handler, for want of room."""
        dropped = sum(server.network.dropped_events for server in self.all_servers)
        return dropped + self.former.dropped_events + self.handlers.dropped

    def _take_in(self) -> None:
        lines: list[LinkEvent] = []
        for server in self.all_servers:
            events = server.network.drain_events()
            now_us = self._clock.now_us()  # not before any of them has come
            for event in events:
                server.books.take(event, now_us)
                if not isinstance(event, TopicAnswer | TopicProblem | OrderDone):
                    self.handlers.offer(server.name, event)
                if isinstance(event, LinkEvent):
                    lines.append(event)
                elif isinstance(event, Reading):
                    self._shown_readings += server.readings.take(event, now_us) in self._shown
            server.readings.tidy(server.status, now_us)
        self._taken += len(lines)  # the server's own events need no frames, nor do readings that are in no plot
        self._events.extend(sorted(lines, key=attrgetter("at_us")))
        if self._leaving:
            self._reap()

    # -- what the person at the display has chosen ---------------------------------------------------------------

    @property
    def preferences(self) -> Preferences:
        return self.keeper.preferences

    @property
    def preferences_place(self) -> str:
        return self.keeper.place

    def change_preferences(self, preferences: Preferences) -> None:
        """Use these from now on, and write them soon. Raises ValueError, in one line, for what cannot be used."""
        self.keeper.change(preferences, time.monotonic())

    # -- what a report asks --------------------------------------------------------------------------------------

    def counters(self) -> Counters:
        """Channel samples of all streams together, those included that are no longer shown."""
        total = self.former.counters
        for server in self.all_servers:
            total = plus(total, server.counters())
        return total

    def latency(self) -> LatencyHistogram:
        """Of all servers together."""
        return LatencyHistogram.merged([self.former.latency, *(server.latency for server in self.all_servers)])

    def bytes_per_sample(self) -> float:
        """Memory of what is stored, timestamps and pyramids included, by channel sample stored."""
        rings = [series.ring for series in self.series.values()]
        stored = sum((ring.head - ring.oldest) * ring.channels for ring in rings)
        used = sum(ring.held_bytes for ring in rings)
        return used / stored if stored else 0.0


def connect(
    *servers: str,
    options: LinkOptions | None = None,
    history: int = DEFAULT_HISTORY,
    storage: Storage = Storage.FLOAT64,
) -> Session:
    """A session for a script, not started yet: ``with connect("labserver:8000") as session: …``.

    Raises:
        ValueError: for what is no address, and for the same server twice.
    """
    addresses = [parse_address(server) for server in servers]
    return Session(addresses, options or LinkOptions(), history, AxisClock(), storage=storage)
