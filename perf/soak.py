"""Half an hour of bad luck: random faults against a simulator, the whole pipeline headless, and nothing goes missing.

    python -m perf soak [--minutes M] [--seed S] [--streams N]

In rounds: a few faults at once, then all of them end, then the link has to be well again: every acquisition as far as
the server is, and every sample there that the server still had. What is lost has to be explained by a fault that took
it away from the server too (``losses``). At the end nothing may be left over (``leftovers``): tasks, threads, sockets,
memory.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import sys
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import TypeAlias

import httpx
import psutil

from lablink_dpg import headless
from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.commands import ReconnectNow
from lablink_dpg.model.link import StreamState
from lablink_dpg.session import Session
from lablink_dpg.sim import DEFAULT_BUFFER
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.times import FrameTimes
from perf.leftovers import Counts, Memory, Standstill, cpu_s
from perf.losses import Look, look
from perf.mischief import Mischief, draw_round
from perf.result import Result
from perf.story import MENDED_S, WELL_S, Outcome, Story, results

MINUTES, SEED, STREAMS = 30.0, 1, 32
RATE_HZ = 1000.0
HISTORY = 30_000  # samples a channel: longer than a round, whose holes must not leave the ring uncounted
HOLD_S = 2.0  # at most, before the faults of a round end
ALLOWED_S = 5.0  # for a recovery, by the table of faults: what the buffer loses in that time is the server's loss
SETTLED_S = 15.0  # for connections of idle REST to be closed: twice what that takes
ANSWER_S = 20.0  # for a plain client to be answered, and for the network thread
LOOK_S = 0.1  # between two looks at every acquisition
VERIFY_PER_FRAME = 65_536
FPS = 10.0
COUNTS = 10  # of tasks and sockets, in a second
RETRY_S = 0.05
TOLD_EVENTS = 15  # of the link's log, where a round ended badly
SPAN_US = 5_000_000

Steps: TypeAlias = Generator[float, None, None]  # each value: seconds until the next step


class Soak:
    """Steps when the frame loop asks it whether to stop; everything on the main thread."""

    def __init__(self, sim: SimProcess, session: Session, seconds: float, seed: int, standstill: Standstill) -> None:
        self.story = Story()
        self._sim = sim
        self._session = session
        self._rng = random.Random(seed)
        self._standstill = standstill
        self._started_s = time.monotonic()
        self._ends_s = self._started_s + seconds
        self._script = self._play()
        self._due_s = 0.0

    def should_stop(self) -> bool:
        self._session.drain()
        self.story.verifier.step(self._session, VERIFY_PER_FRAME)
        if time.monotonic() >= self._due_s:
            try:
                self._due_s = time.monotonic() + next(self._script)
            except StopIteration:
                return True
        return False

    def _play(self) -> Steps:
        """Yields how long to wait."""
        story = self.story
        yield from self._until(self._has(self._totals()), WELL_S)
        yield 2.0
        story.started = yield from self._count()
        while time.monotonic() < self._ends_s:
            yield from self._round()
        story.ledger.begin(self._looks())
        self._session.send(ReconnectNow())  # silent streams are else asked for again after minutes
        totals = self._totals()
        yield from self._until(lambda: self._streaming(totals) == len(totals), WELL_S)
        story.streaming = self._streaming(totals), len(totals)
        story.unexplained += (yield from self._recovery(is_destructive=False)).unexplained
        deadline_s = time.monotonic() + SETTLED_S
        story.ended = yield from self._count()
        while not story.ended.is_within(story.started) and time.monotonic() < deadline_s:
            story.ended = yield from self._count()
        story.standstill_s = self._standstill.seconds

    def _round(self) -> Steps:
        story = self.story
        story.ledger.begin(self._looks())
        faults = draw_round(self._rng)
        for fault in faults:
            yield fault.after_s
            self._sim.fault(fault.text)
        yield self._rng.uniform(0.3, HOLD_S)
        self._sim.fault("clear")
        outcome = yield from self._recovery(is_destructive=any(fault.is_destructive for fault in faults))
        story.rounds += 1
        story.faults += len(faults)
        story.well += outcome.is_well
        story.recovery_s.append(outcome.recovery_s)
        story.mended_s.append(outcome.mended_s)
        story.unexplained += outcome.unexplained
        story.memory.append(Memory.now(time.monotonic() - self._started_s, self._session.series.values()))
        self._tell(faults, outcome)

    def _recovery(self, *, is_destructive: bool) -> Generator[float, None, Outcome]:
        """From now on nothing is wrong: how long it takes until all is there, and what of it never comes."""
        ledger = self.story.ledger
        totals, began_s, still_s = self._totals(), time.monotonic(), self._standstill.seconds
        is_there = yield from self._until(self._has(totals), WELL_S)
        recovery_s = time.monotonic() - began_s
        series = self._session.series
        below = {key: series[key].ring.head for key in totals if key in series}

        def kept_from() -> dict[str, int]:
            """The first number that the server must have had when the link was to be well."""
            waited_s = ALLOWED_S + self._standstill.seconds - still_s
            return {key: max(0, total + round(waited_s * RATE_HZ) - DEFAULT_BUFFER) for key, total in totals.items()}

        def is_whole() -> bool:
            return ledger.late(self._looks(), below, kept_from()) == 0

        is_mended = yield from self._until(is_whole, MENDED_S, LOOK_S)
        mended_s = time.monotonic() - began_s
        looks, kept = self._looks(), kept_from()
        unexplained = ledger.close(looks, below, kept, is_destructive=is_destructive)
        return Outcome(is_there and is_mended and not unexplained, recovery_s, mended_s, unexplained)

    def _tell(self, faults: list[Mischief], outcome: Outcome) -> None:
        status = self._session.links()[0]
        words = " ".join(f"+{fault.after_s:.1f} {fault.text}" for fault in faults)
        word = "well" if outcome.is_well else f"NOT WELL ({status.state} {status.reason})"
        loss = f", UNEXPLAINED {outcome.unexplained}" if outcome.unexplained else ""
        times = f"followed after {outcome.recovery_s:.1f} s, whole after {outcome.mended_s:.1f} s"
        memory, load = self.story.memory[-1], psutil.getloadavg()[0]
        print(
            f"{memory.at_s:6.0f} s {memory.rss_mb:5.0f} MB load {load:3.1f}  {words}: {word}, {times}{loss}",
            file=sys.stderr,
            flush=True,
        )
        if not outcome.is_well:
            for event in self._session.events()[-TOLD_EVENTS:]:
                print("        ", event.text, file=sys.stderr)

    def _totals(self) -> dict[str, int]:
        """What the server has; asked by a plain client, until it answers."""
        deadline_s = time.monotonic() + ANSWER_S
        while True:
            try:
                sessions = httpx.get(f"{self._sim.url}/api/acquisition/sessions", timeout=ANSWER_S).json()["sessions"]
                return {each["acquisition_id"]: each["total_samples"] for each in sessions}
            except httpx.TransportError:  # a port that opens again in this very moment
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(RETRY_S)

    def _looks(self) -> dict[str, Look]:
        async def take() -> dict[str, Look]:
            return {key: look(series) for key, series in self._session.series.items()}

        return asyncio.run_coroutine_threadsafe(take(), self._loop).result(ANSWER_S)

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        worker = self._session.servers[0].network._worker
        assert worker is not None
        return worker.loop

    def _has(self, totals: Mapping[str, int]) -> Callable[[], bool]:
        """Whether every acquisition is there as far as the server was."""

        def is_there() -> bool:
            series = self._session.series
            return all(key in series and series[key].total >= total for key, total in totals.items())

        return is_there

    def _streaming(self, names: Iterable[str]) -> int:
        """How many of them come by WebSocket."""
        streams = self._session.links()[0].streams
        return sum(name in streams and streams[name].state is StreamState.STREAMING for name in names)

    def _until(
        self, condition: Callable[[], bool], within_s: float, every_s: float = 0.0
    ) -> Generator[float, None, bool]:
        """``every_s`` 0: once a frame. A machine that stands still is waited for."""
        deadline_s = time.monotonic() + within_s - self._standstill.seconds
        while not condition():
            if time.monotonic() > deadline_s + self._standstill.seconds:
                return False
            yield every_s
        return True

    def _count(self) -> Generator[float, None, Counts]:
        """The least of a second: what runs all the time, without what comes and goes."""
        gc.collect()
        least = None
        for _ in range(COUNTS):
            yield 1.0 / COUNTS
            counts = Counts.now(len(asyncio.all_tasks(self._loop)))
            least = counts if least is None else least.least(counts)
        assert least is not None
        return least


def run(minutes: float = MINUTES, seed: int = SEED, streams: int = STREAMS) -> list[Result]:
    options = LinkOptions(interval_ms=50)
    with SimProcess(streams=streams, rate_hz=RATE_HZ, seed=seed) as sim, Standstill() as standstill:
        session = Session([parse_address(sim.url)], options, HISTORY, AxisClock())
        outside, began_s, (own_s, machine_s) = Counts.now(), time.monotonic(), cpu_s(sim.pid, os.getpid())
        soak = Soak(sim, session, minutes * 60, seed, standstill)
        with session:
            headless.run(session, soak.should_stop, FPS, SPAN_US, FrameTimes())
        story = soak.story
        story.verifier.finish(session)
        story.outside, story.over = outside, Counts.now()
        now_s, all_s = cpu_s(sim.pid, os.getpid())
        story.wall_s, story.own_s, story.machine_s = time.monotonic() - began_s, now_s - own_s, all_s - machine_s
    return results(story, session)
