"""What to do when a message was larger than the socket takes: nothing tells which stream's it was.

So all windows are halved, at half the interval, which keeps them overlapping. Then one stream after the other gets its
window back: the one after which it happens again is found and stays small. That costs one connection for each such
stream; to try halves of them would be quicker, and cost more connections.
"""

from __future__ import annotations

from lablink_dpg.link.board import Board
from lablink_dpg.link.planner import halved
from lablink_dpg.link.requester import Requester
from lablink_dpg.link.streams import NO_LIMIT, Stream, Streams

SETTLE_S = 1.0  # messages that are under way when smaller windows are asked for are not held against those
TRIAL_S = 10.0  # a window that was given back is harmless if nothing happened for so long


class Oversize:
    """Network thread only."""

    def __init__(self, streams: Streams, board: Board, requester: Requester) -> None:
        self._streams = streams
        self._board = board
        self._requester = requester
        self._suspects: dict[str, None] = {}  # ids of streams whose windows are halved for now; bounded by MAX_STREAMS
        self._on_trial: str | None = None  # the one that got its window back last
        self._changed_us = 0  # when, or when windows were halved last

    def refused(self, now_us: int) -> None:
        """A message was too large; the streams will be, or are to be, asked for again."""
        if self._suspects and self._on_trial is None and now_us - self._changed_us < SETTLE_S * 1e6:
            return  # sent before the halved windows were asked for
        name = self._on_trial if now_us - self._changed_us <= TRIAL_S * 1e6 else None
        culprit = self._streams.get(name) if name is not None else None
        self._on_trial, self._changed_us = None, now_us
        if culprit is not None:
            self._halve(culprit)
            self._board.say(
                f"{culprit.info.name}: its window stays at {culprit.plan.num_samples} samples", is_warning=True
            )
            return
        for stream in self._streams:
            if stream.is_live:
                self._halve(stream)
                self._suspects[stream.info.acquisition_id] = None
        self._board.say("a message was too large: all windows are halved, then given back one by one", is_warning=True)

    def check(self, now_us: int) -> None:
        """From time to time while there is a connection."""
        if not self._suspects or now_us - self._changed_us < TRIAL_S * 1e6:
            return
        self._changed_us = now_us
        self._on_trial = name = next(iter(self._suspects))
        del self._suspects[name]
        stream = self._streams.get(name)
        if stream is not None:
            stream.most = NO_LIMIT
            self._streams.set_plan(stream, stream.planned)
            self._requester.ask(stream)

    def _halve(self, stream: Stream) -> None:
        self._streams.set_plan(stream, halved(stream.plan))
        stream.most = stream.plan.num_samples
        self._requester.ask(stream)
