"""Finding streams that were requested and do not come: only data prove a stream, an acknowledgement does not.

A paused acquisition is not silent: its server repeats the last window. Silence is not concluded when this thread
itself was held up, because the messages are then waiting unread.
"""

from __future__ import annotations

from collections.abc import Callable

from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.link import StreamState

SILENT_INTERVALS = 3  # a slow stream is not silent between two messages
CHECKS_PER_SILENCE = 4  # silence is noticed at most a quarter late


class Watchdog:
    """Network thread only; ``check`` is called every ``period_s``."""

    def __init__(
        self,
        streams: Streams,
        tally: Tally,
        board: Board,
        options: LinkOptions,
        *,
        on_silent: Callable[[Stream], None],
        on_retry: Callable[[Stream], None],
    ) -> None:
        self.period_s = options.silence_s / CHECKS_PER_SILENCE
        self._streams = streams
        self._tally = tally
        self._board = board
        self._silence_us = int(options.silence_s * 1e6)
        self._retry_us = int(options.silent_retry_s * 1e6)
        self._on_silent = on_silent
        self._on_retry = on_retry
        self._checked_us: int | None = None

    def restart(self) -> None:
        """A new connection: the time before it does not count."""
        self._checked_us = None

    def check(self, now_us: int) -> None:
        last_us, self._checked_us = self._checked_us, now_us
        if last_us is None or now_us - last_us > self._silence_us // 2:
            return  # the first look, or this thread was held up
        for stream in self._streams:
            if stream.asked_us is None or not stream.is_live:
                continue
            if stream.is_silent:
                tried_us = max(stream.asked_us, stream.rerequested_us or 0)
                if now_us - tried_us >= self._retry_us:
                    stream.rerequested_us = now_us
                    self._on_retry(stream)
            elif now_us - max(stream.asked_us, stream.heard_us) > self._limit_us(stream):
                self._found_silent(stream)

    def _limit_us(self, stream: Stream) -> int:
        return max(SILENT_INTERVALS * stream.plan.interval_ms * 1000, self._silence_us)

    def _found_silent(self, stream: Stream) -> None:
        stream.is_silent = True
        self._tally.silent_streams += 1
        self._streams.set_state(stream, StreamState.SILENT)
        self._board.say(f"{stream.info.name}: requested, but no data come over the WebSocket", is_warning=True)
        self._on_silent(stream)
