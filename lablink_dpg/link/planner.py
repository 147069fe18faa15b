"""Which windows to ask a server for, so that consecutive ones overlap and nothing falls between them.

Every ``interval_ms`` the server sends its newest ``num_samples``. A tick that comes late by less than the slack, or
than half an interval, loses nothing; what is lost all the same is fetched over REST, and the window grows. The overlap
is written, sent and read for nothing most of the time, so that fast streams have less slack than slow ones. Where the
server's buffer or a message's size cannot hold that much, the interval is shortened rather than the overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SLACK_MS = 100  # what a busy server's tick may be late: longer than its other work takes …
SLACK_BYTES = 16 * 2**10  # … where it costs no more than this a message: 64 streams of 10 kS/s are 20 MB/s even so …
LEAST_SLACK_MS = 50  # … but so much in any case: a tick that is later still is not jitter
SLACK_SHARE = 0.5  # of an interval, where that is longer: slow streams are cheap
MIN_SAMPLES = 32  # costs 2 kB, and a slow stream shows at once where it has been
UNKNOWN_RATE_SAMPLES = 1000  # first window where the server names no rate; it is enlarged when it proves too small
MIN_INTERVAL_MS = 10  # below, the server spends its time on ticks
MAX_INTERVAL_MS = 60_000
MAX_MESSAGE_BYTES = 16 * 2**20  # a quarter of what the socket accepts; larger ones would stall every other stream
TIMESTAMP_BYTES = 29  # "2026-11-23T00:00:31.091429",
VALUE_BYTES = 26  # -0.0020843876536571234e-05, with room
# A message costs a client some 50 µs and a server as much, whatever is in it: half a processor each.
MAX_MESSAGES_PER_S = 10_000
SHARED_MS = (10, 20, 50, 100, 200, 500, 1000)  # intervals of streams so many that those wanted would be more than that
GROWTH = 1.5  # a window that proved too small becomes this many times what would have been enough
# A quarter of a gigabit network, and of what a server makes that does nothing else. Windows that grow beyond make a
# late server later still, until it has no time for REST, over which a hole is closed as well, and only once.
MAX_GROWN_BYTES_PER_S = 25 * 10**6


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """Arguments of ``start_acquisition_stream``."""

    interval_ms: int
    num_samples: int


def slack_for(sample_rate_hz: float, channels: int) -> float:
    """How late a tick may be, in ms, where that is more than half an interval."""
    cheap_ms = SLACK_BYTES / (sample_rate_hz * _sample_bytes(channels)) * 1000
    return max(LEAST_SLACK_MS, min(SLACK_MS, cheap_ms))


def window_limit(channels: int, buffer_size: int) -> int:
    """The most samples a channel that one message may carry."""
    fitting = MAX_MESSAGE_BYTES // _sample_bytes(channels)
    return max(1, min(buffer_size, fitting))


def interval_among(streams: int, wanted_interval_ms: int) -> int:
    """The interval of each of so many streams: the wanted one, or the next longer step that all together may have."""
    least_ms = streams * 1000 / MAX_MESSAGES_PER_S
    if wanted_interval_ms >= least_ms:
        return wanted_interval_ms
    return next((step_ms for step_ms in SHARED_MS if step_ms >= least_ms), SHARED_MS[-1])


def plan_stream(sample_rate_hz: float, channels: int, wanted_interval_ms: int, buffer_size: int) -> StreamPlan:
    """The wanted interval, or the longest shorter one whose windows overlap, and the window that goes with it.

    A rate beyond what the limits can carry without loss gets the largest window at the shortest interval.
    """
    limit = window_limit(channels, buffer_size)
    interval_ms = min(max(wanted_interval_ms, MIN_INTERVAL_MS), MAX_INTERVAL_MS)
    if not (math.isfinite(sample_rate_hz) and sample_rate_hz > 0):
        return StreamPlan(interval_ms, min(UNKNOWN_RATE_SAMPLES, limit))
    slack_ms = slack_for(sample_rate_hz, channels)
    needed = _samples_for(sample_rate_hz, interval_ms, slack_ms)
    if needed > limit:
        room_ms = limit / sample_rate_hz * 1000
        longest_ms = math.floor(min(room_ms - slack_ms, room_ms / (1 + SLACK_SHARE)))
        interval_ms = min(max(longest_ms, MIN_INTERVAL_MS), interval_ms)
        needed = _samples_for(sample_rate_hz, interval_ms, slack_ms)
    return StreamPlan(interval_ms, min(max(needed, MIN_SAMPLES), limit))


def enlarged(current: StreamPlan, enough: int, channels: int, buffer_size: int) -> StreamPlan:
    """The plan after a window lost samples; ``enough`` would have caught them. The same plan if nothing can grow."""
    limit = window_limit(channels, buffer_size)
    grown = min(math.ceil(max(current.num_samples, enough) * GROWTH), limit)
    return StreamPlan(current.interval_ms, max(current.num_samples, grown))


def halved(current: StreamPlan) -> StreamPlan:
    """Half the window at half the interval: as much overlap, in messages half as large."""
    return StreamPlan(max(current.interval_ms // 2, MIN_INTERVAL_MS), max(current.num_samples // 2, 1))


def bytes_per_s(plan: StreamPlan, channels: int) -> float:
    """What a stream costs the network, at most."""
    return plan.num_samples * _sample_bytes(channels) * 1000 / plan.interval_ms


def _sample_bytes(channels: int) -> int:
    return TIMESTAMP_BYTES + VALUE_BYTES * max(1, channels)


def _samples_for(sample_rate_hz: float, interval_ms: int, slack_ms: float) -> int:
    return math.ceil(sample_rate_hz * (interval_ms + max(slack_ms, SLACK_SHARE * interval_ms)) / 1000)
