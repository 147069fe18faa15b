"""The size of each stream's windows: grown after a loss, shrunk after a calm time, taken back from other clients.

A stream is global to its server: whoever asks last decides its interval and window for everyone. So what is asked for
again is never worse for the others than what they have: never slower, and smaller only while nothing has been lost for
a long time. Of two clients that both keep to this one asks once, and both are content. A client that does not keep to
it is asked over ever more rarely.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.planner import GROWTH, MAX_GROWN_BYTES_PER_S, StreamPlan, bytes_per_s, enlarged
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.model.acquisition import AcquisitionState

SHRINK_S = 60.0  # without a loss, then a window that had grown shrinks: who hiccups every minute needs the large one
SHRINK = 2  # to a half at most at a time, so that a step that was too far costs little
SLOW = 2.0  # messages that come this many times as rarely as wanted are another client's wish; less is not worth a word
PACE_S = 1.0  # how long messages are counted before that is judged …
PACE_MESSAGES = 4  # … and so many intervals at least …
SLOW_SPANS = 2  # … and so many times in a row: a server that stalls once has no other client
LADDER_MS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)  # a measured interval must not creep
ALIVE_US = 500_000  # a connection over which something came so lately lives: a stream that has ended was stopped
MAX_PATIENCE = 16  # times rerequest_s between two requests of a stream that another client changes again and again


@dataclass(slots=True)
class _Care:
    """What is remembered of one stream."""

    planned: StreamPlan  # by its description; another one makes all of this void
    calm_us: int  # since when no window lost anything, or when the window last shrank
    counted_us: int  # from when messages are counted …
    counted: int  # … and how many there were then
    pace_ms: float | None = None  # from message to message, as counted last on this connection
    slow: int = 0  # times in a row that it was too slow
    patience: int = 1  # times rerequest_s until another client's wish is asked over again
    reclaimed_us: int | None = None  # when that was last done


class Windows:
    """Network thread only."""

    def __init__(
        self,
        streams: Streams,
        board: Board,
        options: LinkOptions,
        now_us: Callable[[], int],
        ask: Callable[[Stream], None],
    ) -> None:
        """``ask`` has a stream requested on the present connection, by the plan that it then has."""
        self._streams = streams
        self._board = board
        self._rerequest_us = int(options.rerequest_s * 1e6)
        self._now_us = now_us
        self._ask = ask
        self._cares: dict[str, _Care] = {}  # bounded by MAX_STREAMS

    def to_request(self, stream: Stream) -> StreamPlan:
        """What to say to the server: the plan, and not slower than the stream comes already on this connection."""
        pace_ms = self._care(stream, self._now_us()).pace_ms
        if stream.asked_us is None or pace_ms is None or pace_ms >= stream.plan.interval_ms:
            return stream.plan
        nearest = min(LADDER_MS, key=lambda step_ms: abs(math.log(step_ms / pace_ms)))
        return replace(stream.plan, interval_ms=min(stream.plan.interval_ms, nearest))

    def lost(self, stream: Stream, enough: int) -> None:
        """A window lost samples, one of ``enough`` would not have: ask for a larger one, if it can be had."""
        now_us = self._now_us()
        care = self._care(stream, now_us)
        care.calm_us = now_us
        stream.reach = 0
        if enough <= stream.plan.num_samples:
            self._reclaim(stream, care, now_us, f"windows of {stream.window} samples")
        elif not self._is_too_soon(stream, now_us):
            self._enlarge(stream, enough, now_us)

    def check(self, now_us: int) -> None:
        """From time to time while there is a connection."""
        newest_us = max((stream.heard_us for stream in self._streams), default=0)
        for stream in self._streams:
            care = self._care(stream, now_us)
            if stream.asked_us is None or not stream.is_live or stream.is_silent:
                care.pace_ms, care.counted_us, care.counted = None, now_us, stream.messages
                if stream.is_silent and 0 < (stream.asked_us or 0) < stream.heard_us and now_us - newest_us < ALIVE_US:
                    self._reclaim(stream, care, now_us, "no more messages")
                continue
            self._judge_pace(stream, care, now_us)
            if now_us - care.calm_us >= SHRINK_S * 1e6 and not stream.is_incremental:
                care.calm_us = now_us
                self._shrink(stream, care, now_us)

    def forget(self, stream: Stream) -> None:
        """It will not be heard of again."""
        self._cares.pop(stream.info.acquisition_id, None)

    def _care(self, stream: Stream, now_us: int) -> _Care:
        name = stream.info.acquisition_id
        care = self._cares.get(name)
        if care is None or care.planned != stream.planned:
            care = self._cares[name] = _Care(stream.planned, now_us, now_us, stream.messages)
        return care

    def _is_too_soon(self, stream: Stream, now_us: int, patience: int = 1) -> bool:
        last_us = stream.rerequested_us
        return last_us is not None and now_us - last_us < patience * self._rerequest_us

    def _request(self, stream: Stream, plan: StreamPlan, now_us: int) -> None:
        if plan != stream.plan:
            self._streams.set_plan(stream, plan)
        stream.rerequested_us = now_us
        self._ask(stream)

    def _enlarge(self, stream: Stream, enough: int, now_us: int) -> None:
        info, channels = stream.info, len(stream.info.channels)
        plan = enlarged(stream.plan, enough, channels, min(info.buffer_size, stream.most))
        if plan == stream.plan:
            return
        growth = bytes_per_s(plan, channels) - bytes_per_s(stream.plan, channels)
        if self._streams.bytes_per_s + growth > MAX_GROWN_BYTES_PER_S:
            self._board.say("windows stay as they are: larger ones would overload the network", is_warning=True)
            return
        self._board.say(f"{info.name}: window enlarged from {stream.plan.num_samples} to {plan.num_samples} samples")
        self._request(stream, plan, now_us)

    def _shrink(self, stream: Stream, care: _Care, now_us: int) -> None:
        """Back towards what was planned, never below what the last minute needed with room to spare."""
        needed, stream.reach = math.ceil(stream.reach * GROWTH), 0
        now, planned = stream.plan.num_samples, care.planned.num_samples
        size = max(planned, needed, now // SHRINK)
        if size >= now or self._is_too_soon(stream, now_us):
            return
        self._board.say(f"{stream.info.name}: window shrunk from {now} to {size} samples, {SHRINK_S:g} s without loss")
        plan = replace(stream.plan, num_samples=size)
        if stream.window <= size:
            self._streams.set_plan(stream, plan)  # another client has asked for less already
        else:
            self._request(stream, plan, now_us)

    def _judge_pace(self, stream: Stream, care: _Care, now_us: int) -> None:
        if stream.asked_us is not None and stream.asked_us > care.counted_us:
            care.counted_us, care.counted = now_us, stream.messages
        span_us = now_us - care.counted_us
        if span_us < max(PACE_S * 1e6, PACE_MESSAGES * stream.plan.interval_ms * 1000):
            return
        messages = stream.messages - care.counted
        care.counted_us, care.counted = now_us, stream.messages
        if messages == 0:
            return  # the watchdog's matter
        care.pace_ms = span_us / 1000 / messages
        is_slow = care.pace_ms > SLOW * stream.plan.interval_ms and stream.info.state is not AcquisitionState.PAUSED
        care.slow = care.slow + 1 if is_slow else 0
        if care.slow >= SLOW_SPANS:
            self._reclaim(stream, care, now_us, f"a message every {care.pace_ms:.0f} ms")

    def _reclaim(self, stream: Stream, care: _Care, now_us: int, instead: str) -> None:
        """Ask again for what we have asked for: another client has asked for less."""
        if self._is_too_soon(stream, now_us, care.patience):
            return
        before_us, care.reclaimed_us = care.reclaimed_us, now_us
        is_again = before_us is not None and now_us - before_us < 2 * care.patience * self._rerequest_us
        care.patience = min(2 * care.patience, MAX_PATIENCE) if is_again else 1
        plan = stream.plan
        self._board.say(
            f"{stream.info.name}: {instead}, another client may have asked for that;"
            f" asked again for {plan.num_samples} every {plan.interval_ms} ms"
        )
        self._request(stream, plan, now_us)
