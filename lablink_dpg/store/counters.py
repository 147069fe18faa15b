"""What came, what was lost and how fast: frozen values that the writer swaps and any thread may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

RATE_SPAN_US = 2_000_000  # a rate is the mean over about this long: steady to the eye, and a stall shows at once
JITTER_MESSAGES = 16  # as many count, roughly: as in RFC 3550
RATE_MARKS = 8  # so many steps make up the span


class Counters(NamedTuple):  # a frozen dataclass is made in thrice the time, and one is made for every message
    """Channel samples since the series began."""

    received: int = 0
    lost: int = 0  # missing now: falls when a hole is filled
    backfilled: int = 0
    overlap_dropped: int = 0

    def plus(self, *, received: int = 0, lost: int = 0, backfilled: int = 0, overlap_dropped: int = 0) -> Counters:
        return Counters(
            self.received + received,
            self.lost + lost,
            self.backfilled + backfilled,
            self.overlap_dropped + overlap_dropped,
        )


class Ingest(NamedTuple):
    """What one message added, in samples a channel."""

    new: int = 0
    overlap: int = 0
    lost: int = 0
    is_restart: bool = False
    is_damaged: bool = False  # a channel did not come, and may yet be had
    has_infinities: bool = False  # NaN now
    is_doubtful: bool = False  # nothing of it is stored yet: its count is not believed

    def followed_by(self, other: Ingest) -> Ingest:
        """Of both messages."""
        new, overlap, lost = self.new + other.new, self.overlap + other.overlap, self.lost + other.lost
        return Ingest(new, overlap, lost, *(one or two for one, two in zip(self[3:], other[3:], strict=True)))


@dataclass(frozen=True, slots=True)
class Epoch:
    """From index ``start`` of the ring on, index i is the server's sample number i - base."""

    start: int
    base: int
    is_exact: bool = True  # False: the number is only known within bounds, and may be corrected later
    metadata: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)  # of the run, as described


class JitterMeter:
    """How unevenly samples arrive: the smoothed mean difference between neighbouring messages' greatest ages.

    A message's greatest age is that of its oldest new sample when it arrives: what the server let pass, and the network
    took. Were every message as late as the one before, jitter would be 0, however late that is. ``add`` by the writer,
    ``jitter_us`` by any thread.
    """

    def __init__(self) -> None:
        self.jitter_us: float | None = None  # None until two messages could be compared
        self._age_us: int | None = None

    def add(self, age_us: int) -> None:
        before, self._age_us = self._age_us, age_us
        if before is not None:
            differs_us = abs(age_us - before)
            known = self.jitter_us
            self.jitter_us = float(differs_us) if known is None else known + (differs_us - known) / JITTER_MESSAGES

    def skip(self) -> None:
        """What comes next is no neighbour: samples were lost, or the acquisition stood still."""
        self._age_us = None


class RateMeter:
    """Samples a second and channel, by arrival. ``add`` by the writer, ``rate_hz`` by any thread."""

    def __init__(self) -> None:
        self._samples = 0
        self._marks: tuple[tuple[int, int], ...] = ()  # (arrival in µs, samples so far), swapped whole

    def add(self, samples: int, arrival_us: int) -> None:
        if not self._marks:
            self._marks = ((arrival_us, 0),)  # the first window is history: it says nothing of the rate
        else:
            self._samples += samples
            if arrival_us - self._marks[-1][0] >= RATE_SPAN_US // RATE_MARKS:
                self._marks = (*self._marks[-RATE_MARKS:], (arrival_us, self._samples))

    def rate_hz(self, now_us: int) -> float:
        marks = self._marks
        if len(marks) < 2:
            return 0.0
        # A stream slower than the span is judged by its last two marks: two of its steps without a third are a stall.
        step_us = marks[-1][0] - marks[-2][0]
        span_us = max(RATE_SPAN_US + RATE_SPAN_US // RATE_MARKS, 2 * step_us)
        recent = [mark for mark in marks if mark[0] >= now_us - span_us]
        if len(recent) < 2:
            return 0.0
        (first_us, first), (last_us, last) = recent[0], recent[-1]
        # Silence counts once it is longer than hiccups and than the stream's own step: a stalled stream sinks to 0.
        end_us = last_us if now_us - last_us < max(RATE_SPAN_US // 2, step_us) else now_us
        return (last - first) * 1e6 / (end_us - first_us)
