"""Finding streams that were requested and do not come: only data prove a stream, an acknowledgement does not.

A stream is silent when the server has answered a ping that was sent after the stream's time was over: then nothing of
it is under way. So it does not matter how many are late at once, nor whether the server, the network or this program
lags behind. A paused acquisition is not silent: its server repeats the last window.
"""

from __future__ import annotations

from collections.abc import Callable

from lablink_dpg.link.board import Board
from lablink_dpg.link.devices import Device, Devices
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally

SILENT_INTERVALS = 2.5  # a slow stream is not silent between two messages; found before the third is missing
CHECKS_PER_SILENCE = 8  # silence is noticed at most an eighth late …
# … but for that of devices where no acquisition runs: theirs is longer, and a wake costs processor time.
QUIET_PERIODS = 4
REST_PERIODS = 8  # where nothing is expected at all: only whether the server is there


class Watchdog:
    """Network thread only; ``check`` is called every ``pause_s``."""

    def __init__(
        self,
        streams: Streams,
        devices: Devices,
        tally: Tally,
        board: Board,
        options: LinkOptions,
        *,
        on_silent: Callable[[Stream | Device], None],
        on_retry: Callable[[Stream | Device], None],
    ) -> None:
        self.period_s = options.silence_s / CHECKS_PER_SILENCE
        self._streams = streams
        self._devices = devices
        self._tally = tally
        self._board = board
        self._silence_us = int(options.silence_s * 1e6)
        self._retry_us = int(options.silent_retry_s * 1e6)
        self._on_silent = on_silent
        self._on_retry = on_retry

    @property
    def pause_s(self) -> float:
        """Until the next check."""
        if any(stream.is_live for stream in self._streams):
            return self.period_s
        has_devices = next(iter(self._devices), None) is not None
        return (QUIET_PERIODS if has_devices else REST_PERIODS) * self.period_s

    def limit_us(self, interval_ms: float) -> int:
        """How long a stream of this interval may be without a message."""
        return max(int(SILENT_INTERVALS * interval_ms * 1000), self._silence_us)

    def check(self, now_us: int, proven_us: int) -> bool:
        """Whether a ping has to tell about a stream; all that the server sent before ``proven_us`` is here."""
        is_in_doubt = False
        for stream in self._streams:
            if stream.is_live:
                is_in_doubt |= self._check(stream, stream.plan.interval_ms, now_us, proven_us)
        for device in self._devices:
            is_in_doubt |= self._check(device, device.interval_ms, now_us, proven_us)
        return is_in_doubt

    def _check(self, each: Stream | Device, interval_ms: int, now_us: int, proven_us: int) -> bool:
        """Whether it is late, and not yet known to be silent."""
        asked_us = each.asked_us
        if asked_us is None:
            return False
        if each.is_silent:
            if now_us - asked_us >= self._retry_us:
                self._on_retry(each)
            return False
        over_us = max(asked_us, each.heard_us) + self.limit_us(interval_ms)
        if proven_us > over_us:
            self._found_silent(each)
            return False
        return now_us > over_us

    def _found_silent(self, each: Stream | Device) -> None:
        each.is_silent = True
        self._tally.silent_streams += 1
        name = each.info.name if isinstance(each, Stream) else " ".join(each.key)
        self._board.say_of_stream(name, "requested, but no data come over the WebSocket")
        self._on_silent(each)
