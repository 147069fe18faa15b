"""Hours of bad luck in a row: random faults against a simulator, the whole pipeline headless, and nothing goes missing.

    python -m perf soak [--minutes M] [--seed S] [--streams N]

In rounds: a few faults at once, then all of them end, then the link has to be well again: every acquisition as far as
the server is, and every sample there that the server still had. What is lost has to be explained by a fault that took
it away from the server too. At the end nothing may be left over: tasks, threads, sockets, memory.
"""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import httpx
import psutil

from lablink_dpg import headless
from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.calls import MAX_CONNECTIONS
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.commands import ReconnectNow
from lablink_dpg.model.link import StreamState
from lablink_dpg.session import Session
from lablink_dpg.sim.acquisition import DEFAULT_BUFFER
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.times import FrameTimes
from lablink_dpg.verify import Verifier
from perf.mischief import LONGEST_S, Mischief, draw_round
from perf.result import Result

MINUTES, SEED, STREAMS = 30.0, 1, 32
RATE_HZ = 1000.0
BUFFER_S = DEFAULT_BUFFER / RATE_HZ
HISTORY = 20_000  # samples a channel: rings are full, and memory flat, after so many ms
HOLD_S = 2.0  # at most, before the faults of a round end
WELL_S = 20.0  # after them: more than any row of the table of faults allows
SETTLED_S = 10.0  # for holes to be fetched and connections of idle REST to be closed: twice what either takes
RSS_GROWTH = 1.1  # of one quarter over the one before: allocators wander by a few MB, leaks do not stop at a tenth
VERIFY_PER_FRAME = 65_536
FPS = 10.0
COUNTS = 10  # of tasks and sockets, in a second
RETRY_S = 0.05
TOLD_EVENTS = 15  # of the link's log, where a round ended badly
SPAN_US = 5_000_000

Steps: TypeAlias = Generator[float, None, None]  # each value: seconds until the next step


@dataclass(slots=True)
class Counts:
    """What must not grow, as low as it gets while nothing happens."""

    tasks: int
    threads: int
    descriptors: int

    def is_within(self, other: Counts) -> bool:
        return self.least(other) == self

    def least(self, other: Counts) -> Counts:
        return Counts(
            min(self.tasks, other.tasks),
            min(self.threads, other.threads),
            min(self.descriptors, other.descriptors),
        )


@dataclass(slots=True)
class Story:
    """What has happened so far."""

    rounds: int = 0
    well: int = 0  # rounds after which everything was as it should be, in time
    faults: int = 0
    explained: int = 0  # channel samples that may be missing
    lost: int = 0
    unexplained: int = 0
    slowest_s: float = 0.0
    rss_mb: list[float] = field(default_factory=list)  # after each round


class Soak:
    """Steps when the frame loop asks it whether to stop; everything on the main thread."""

    def __init__(self, sim: SimProcess, session: Session, seconds: float, seed: int) -> None:
        self.story = Story()
        self.verifier = Verifier()
        self.before: Counts | None = None
        self.after: Counts | None = None
        self._sim = sim
        self._session = session
        self._rng = random.Random(seed)
        self._process = psutil.Process()
        self._started_s = time.monotonic()
        self._ends_s = self._started_s + seconds
        self._script = self._play()
        self._due_s = 0.0

    def should_stop(self) -> bool:
        self._session.drain()
        self.verifier.step(self._session, VERIFY_PER_FRAME)
        if time.monotonic() >= self._due_s:
            try:
                self._due_s = time.monotonic() + next(self._script)
            except StopIteration:
                return True
        return False

    def _play(self) -> Steps:
        """Yields how long to wait."""
        yield from self._until(self._has(self._totals()), WELL_S)
        yield 2.0
        self.before = yield from self._count()
        while time.monotonic() < self._ends_s:
            yield from self._round()
        self._session.send(ReconnectNow())  # silent streams are else asked for again after minutes
        yield from self._until(self._stream(self._totals()), WELL_S)
        deadline_s = time.monotonic() + SETTLED_S
        self.after = yield from self._count()
        while not self.after.is_within(self.before) and time.monotonic() < deadline_s:
            self.after = yield from self._count()

    def _round(self) -> Steps:
        story, began_s = self.story, time.monotonic()
        lost = self._session.counters().lost
        destroyed_s = 0.0  # of what came in so many seconds
        faults = draw_round(self._rng)
        story.rounds += 1
        story.faults += len(faults)
        for fault in faults:
            yield fault.after_s
            self._sim.fault(fault.text)
            if fault.is_destructive:
                destroyed_s = time.monotonic() - began_s + LONGEST_S
        yield self._rng.uniform(0.3, HOLD_S)
        self._sim.fault("clear")
        cleared_s = time.monotonic()
        is_well = yield from self._until(self._has(self._totals()), WELL_S)
        now_s = time.monotonic()
        story.slowest_s = max(story.slowest_s, now_s - cleared_s)
        gone_s = max(destroyed_s, now_s - began_s - BUFFER_S, 0.0)
        explained = round(gone_s * RATE_HZ) * len(self._session.series)
        yield from self._until(lambda: self._session.counters().lost - lost <= explained, SETTLED_S)
        lost = self._session.counters().lost - lost
        story.lost += lost
        story.unexplained += max(0, lost - explained)
        story.well += is_well and lost <= explained
        story.rss_mb.append(self._process.memory_info().rss / 1e6)
        self._tell(faults, is_well, now_s - cleared_s, lost, explained)

    def _tell(self, faults: list[Mischief], is_well: bool, well_s: float, lost: int, explained: int) -> None:
        status = self._session.links()[0]
        words = " ".join(f"+{fault.after_s:.1f} {fault.text}" for fault in faults)
        outcome = f"well after {well_s:.1f} s" if is_well else f"NOT WELL: {status.state} {status.reason}"
        loss = f", lost {lost} of at most {explained}" if lost else ""
        at_s, load = time.monotonic() - self._started_s, psutil.getloadavg()[0]
        print(
            f"{at_s:6.0f} s {self.story.rss_mb[-1]:5.0f} MB load {load:3.1f}  {words}: {outcome}{loss}",
            file=sys.stderr,
            flush=True,
        )
        if not is_well or lost > explained:
            for event in self._session.events()[-TOLD_EVENTS:]:
                print("        ", event.text, file=sys.stderr)

    def _totals(self) -> dict[str, int]:
        """What the server has; asked by a plain client, until it answers."""
        deadline_s = time.monotonic() + WELL_S
        while True:
            try:
                sessions = httpx.get(f"{self._sim.url}/api/acquisition/sessions", timeout=WELL_S).json()["sessions"]
                return {each["acquisition_id"]: each["total_samples"] for each in sessions}
            except httpx.TransportError:  # a port that opens again in this very moment
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(RETRY_S)

    def _has(self, totals: Mapping[str, int]) -> Callable[[], bool]:
        """Whether every acquisition is there as far as the server was."""

        def is_there() -> bool:
            series = self._session.series
            return all(key in series and series[key].total >= total for key, total in totals.items())

        return is_there

    def _stream(self, names: Iterable[str]) -> Callable[[], bool]:
        """Whether all of them come by WebSocket."""

        def is_so() -> bool:
            streams = self._session.links()[0].streams
            return all(name in streams and streams[name].state is StreamState.STREAMING for name in names)

        return is_so

    def _until(self, condition: Callable[[], bool], within_s: float) -> Generator[float, None, bool]:
        deadline_s = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline_s:
                return False
            yield 0.0  # once a frame
        return True

    def _count(self) -> Generator[float, None, Counts]:
        """The least of a second: what runs all the time, without what comes and goes."""
        gc.collect()
        loop = self._session.servers[0].network._loop
        assert loop is not None
        least = None
        for _ in range(COUNTS):
            yield 1.0 / COUNTS
            counts = Counts(len(asyncio.all_tasks(loop)), threading.active_count(), self._process.num_fds())
            least = counts if least is None else least.least(counts)
        assert least is not None
        return least


def run(minutes: float = MINUTES, seed: int = SEED, streams: int = STREAMS) -> list[Result]:
    options = LinkOptions(interval_ms=50)
    with SimProcess(streams=streams, rate_hz=RATE_HZ, seed=seed) as sim:
        session = Session([parse_address(sim.url)], options, HISTORY, AxisClock())
        soak = Soak(sim, session, minutes * 60, seed)
        with session:
            headless.run(session, soak.should_stop, FPS, SPAN_US, FrameTimes())
        soak.verifier.finish(session)
    return _results(soak, session)


def _results(soak: Soak, session: Session) -> list[Result]:
    story, verifier, counters = soak.story, soak.verifier, session.counters()
    came = counters.received + counters.backfilled
    results = [
        Result("soak: rounds that ended well", story.well, story.rounds, "", "all", at_least=1.0),
        Result("soak: faults", story.faults, story.rounds, "", "rounds"),
        Result("soak: slowest recovery", story.slowest_s, WELL_S, "s", "the limit", at_most=1.0),
        Result("soak: lost without explanation", story.unexplained, came, "S", "what came", at_most=0.0),
        Result("soak: lost", story.lost, came, "S", "what came"),
        Result("soak: fetched later", counters.backfilled, came, "S", "what came"),
        Result("soak: wrong", verifier.mismatched, verifier.verified, "S", "right", at_most=0.0),
        Result("soak: not compared", verifier.skipped, verifier.verified, "S", "right"),
    ]
    if soak.before is not None and soak.after is not None:
        after, before = soak.after, soak.before
        results += [
            Result("soak: tasks at the end", after.tasks, before.tasks, "", "in the beginning", at_most=1.0),
            Result("soak: threads at the end", after.threads, before.threads, "", "in the beginning", at_most=1.0),
            Result(
                "soak: descriptors at the end",
                after.descriptors,
                before.descriptors + MAX_CONNECTIONS,
                "",
                "in the beginning, and REST's pool",
                at_most=1.0,
            ),
        ]
    # Half of it is warm-up: acquisitions that are gone keep their samples until there are MAX_UNLISTED of them.
    quarter = max(1, len(story.rss_mb) // 4)
    first, last = story.rss_mb[-2 * quarter : -quarter], story.rss_mb[-quarter:]
    if first:
        values = statistics.median(last), statistics.median(first)
        results.append(Result("soak: memory in the last quarter", *values, "MB", "the one before", at_most=RSS_GROWTH))
    return results
