"""What has happened in a soak so far, and the figures that are made of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from lablink_dpg.session import Session
from lablink_dpg.verify import Verifier
from perf.leftovers import Counts, Memory, growth
from perf.losses import Ledger
from perf.result import Result

WELL_S = 10.0  # after the faults of a round: twice the slowest row of the table of faults, for a machine that is shared
MENDED_S = 10.0  # for all holes to be closed: as long as the server's buffer, after which they never would be
RSS_GROWTH = 1.1  # allocators wander by a few MB, leaks do not stop at a tenth


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a round, once its faults have ended."""

    is_well: bool
    recovery_s: float  # until all acquisitions had followed
    mended_s: float  # … and until no sample of them was missing
    unexplained: int  # channel samples


@dataclass(slots=True)
class Story:
    rounds: int = 0
    well: int = 0  # rounds after which everything was as it should be, in time
    faults: int = 0
    unexplained: int = 0  # channel samples
    recovery_s: list[float] = field(
        default_factory=list
    )  # of each round: until all of it was there that the server had
    mended_s: list[float] = field(default_factory=list)  # … and until no sample of it was missing
    standstill_s: float = 0.0
    wall_s: float = 0.0
    own_s: float = 0.0  # of CPU, the simulator's with it
    machine_s: float = 0.0  # of CPU, of all that ran
    memory: list[Memory] = field(default_factory=list)  # after each round
    streaming: tuple[int, int] = (0, 0)  # in the end come over the WebSocket, of so many acquisitions
    started: Counts | None = None  # a moment after the start
    ended: Counts | None = None  # while it still runs
    outside: Counts | None = None  # before the start
    over: Counts | None = None  # after the end
    ledger: Ledger = field(default_factory=Ledger)
    verifier: Verifier = field(default_factory=Verifier)


def results(story: Story, session: Session) -> list[Result]:
    """After the session has ended."""
    verifier, ledger, counters = story.verifier, story.ledger, session.counters()
    came = counters.received + counters.backfilled
    cores_s = (os.cpu_count() or 1) * story.wall_s
    # What the rounds did not see is found here: every lost sample is in the account of one of them, or unexplained.
    unexplained = max(story.unexplained, counters.lost - ledger.explained)
    out = [
        Result("soak: rounds that ended well", story.well, story.rounds, "", "all", at_least=1.0),
        Result("soak: faults", story.faults, story.rounds, "", "rounds"),
        Result("soak: slowest recovery", max(story.recovery_s, default=0.0), WELL_S, "s", "the limit", at_most=1.0),
        Result("soak: slowest mending", max(story.mended_s, default=0.0), MENDED_S, "s", "the limit", at_most=1.0),
        Result("soak: lost without explanation", unexplained, came, "S", "what came", at_most=0.0),
        Result("soak: gone with their acquisition", ledger.destroyed, came, "S", "what came"),
        Result("soak: overwritten by the server", ledger.overwritten, came, "S", "what came"),
        Result("soak: fetched later", counters.backfilled, came, "S", "what came"),
        Result("soak: wrong", verifier.mismatched, verifier.verified, "S", "right", at_most=0.0),
        Result("soak: not compared", verifier.skipped, verifier.verified, "S", "right"),
        Result("soak: streams in the end", *story.streaming, "", "acquisitions", at_least=1.0),
        Result("soak: this machine stood still", story.standstill_s, story.wall_s, "s", "all the time"),
        Result("soak: CPU", story.own_s, cores_s, "s", "all cores"),
        Result("soak: CPU of others", story.machine_s - story.own_s, cores_s, "s", "all cores"),
    ]
    for when, now, then, before, whats in (
        ("in the end", story.ended, story.started, "in the beginning", ("tasks", "threads", "descriptors")),
        ("after it", story.over, story.outside, "before it", ("threads", "descriptors")),
    ):
        if now is not None and then is not None:
            for what in whats:
                value, baseline = getattr(now, what), getattr(then, what)
                out.append(Result(f"soak: {what} {when}", value, baseline, "", before, at_most=1.0))
    grown = growth(story.memory)
    if grown is not None:
        out.append(Result("soak: memory, rings apart", *grown, "MB", "once warm", at_most=RSS_GROWTH))
        out.append(Result("soak: memory", story.memory[-1].rss_mb, story.memory[0].rss_mb, "MB", "in the beginning"))
    return out
