"""What is done with one message: decode, store, count. The link's hot path, without a task or an await.

A message of an acquisition that nobody described yet is counted and left: streams are global to a LabLink server,
so messages come of acquisitions that others have started, and the next listing describes them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from lablink_dpg.link.board import Board
from lablink_dpg.link.streams import Stream, Streams, state_while_heard
from lablink_dpg.link.tally import OWN_FAULT, Tally
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionState
from lablink_dpg.model.messages import (
    AcquisitionEmpty,
    BadMessage,
    Capabilities,
    Pong,
    Reading,
    ServerError,
    ServerEvent,
)
from lablink_dpg.store.store import Store
from lablink_dpg.wire.decoder import decode
from lablink_dpg.wire.reasons import Reason

# First byte of the enhanced servers' compressed frames. The frame's opcode is not looked at: bytes are asked of the
# library for text as well, and no JSON text begins with either letter.
COMPRESSED = (b"g", b"z")

HOLD_US = 2_000_000  # so long messages wait for REST to tell where they belong: windows overlap, the next will do

_log = logging.getLogger(__name__)


class Receiver:
    """Network thread only."""

    def __init__(
        self,
        store: Store,
        streams: Streams,
        tally: Tally,
        board: Board,
        now_us: Callable[[], int],
        *,
        on_loss: Callable[[Stream, int], None],
        on_revived: Callable[[Stream], None],
        on_unknown: Callable[[str], None],
        on_too_large: Callable[[], None],
        wait_turn: Callable[[], None],
        on_proven: Callable[[Stream], None] = lambda _: None,
        on_reading: Callable[[Reading], None] = lambda _: None,
        on_event: Callable[[str], None] = lambda _: None,
        on_pong: Callable[[], None] = lambda: None,
        on_uncertain: Callable[[Stream], bool] = lambda _: False,
    ) -> None:
        """``on_loss`` gets how large a window would have been large enough, 0 where no window could have been.

        ``on_too_large``: a compressed message was larger than may be, whatever stream's it was.
        ``wait_turn`` lets a frame that is being prepared go first.
        ``on_event`` gets the type of an event that goes to the board.
        ``on_proven``: the first message of a stream since it was requested. ``on_uncertain``: have REST tell where the
        samples belong that were polled; False if that cannot be had.
        """
        self.messages = 0  # of whatever kind
        self.broadcast_us = 0  # when the last message came that goes to every client: of a stream, or an event
        self._store = store
        self._streams = streams
        self._tally = tally
        self._board = board
        self._now_us = now_us
        self._on_loss = on_loss
        self._on_revived = on_revived
        self._on_unknown = on_unknown
        self._on_too_large = on_too_large
        self._wait_turn = wait_turn
        self._on_proven = on_proven
        self._on_reading = on_reading
        self._on_event = on_event
        self._on_pong = on_pong
        self._on_uncertain = on_uncertain
        self._logged_faults: set[str] = set()

    def take(self, raw: bytes | bytearray) -> None:
        """One message; ``raw`` may become another afterwards: nothing that is kept refers to it.

        Never raises: a bug of ours costs this message, counted and logged once, not the link.
        """
        self._wait_turn()
        try:
            self._take(raw)
        except Exception as fault:
            self._tally.invalid(OWN_FAULT)
            kind = repr(type(fault))
            if kind not in self._logged_faults:
                self._logged_faults.add(kind)
                _log.exception("a message could not be handled; further ones like it are only counted")
                self._board.say(f"internal fault while handling a message: {type(fault).__name__}", is_warning=True)

    def _take(self, raw: bytes | bytearray) -> None:
        tally = self._tally
        tally.messages += 1
        tally.bytes += len(raw)
        self.messages += 1
        message = decode(raw, self._store.last_totals, self._store.last_starts, is_binary=raw[:1] in COMPRESSED)
        if isinstance(message, AcquisitionBlock):
            for problem in message.problems:
                tally.mended(problem)
            stream = self._heard(message.acquisition_id, message.state)
            if stream is not None:
                self._keep(stream, message)
        elif isinstance(message, AcquisitionEmpty):
            stream = self._heard(message.acquisition_id, message.state)
            series = self._store.series.get(message.acquisition_id)
            if stream is not None and series is not None and series.doubts.leap is not None:
                self._keep(stream, _emptied(series.doubts.leap, message.total_samples))
        elif isinstance(message, BadMessage):
            self.broadcast_us = self._now_us()
            self._unusable(message.reason)
            if message.reason == Reason.TOO_LARGE:
                self._on_too_large()
        elif isinstance(message, ServerEvent | Reading):
            self.broadcast_us = self._now_us()
            if isinstance(message, Reading):
                message = replace(message, at_us=self.broadcast_us)
                self._on_reading(message)
            else:
                self._on_event(message.type)
            self._board.post(message)
        elif isinstance(message, Pong):
            self._on_pong()
        elif isinstance(message, ServerError):
            self._board.say(f"the server says: {message.detail}", is_warning=True)
        elif isinstance(message, Capabilities):
            self._board.say(f"the server offers {', '.join(sorted(message.features)) or 'no extras'}")
        # Acknowledgements prove nothing: servers acknowledge streams that never send.

    def _heard(self, acquisition_id: str, state: AcquisitionState) -> Stream | None:
        self.broadcast_us = now_us = self._now_us()
        stream = self._streams.get(acquisition_id)
        if stream is None:
            self._on_unknown(acquisition_id)
            return None
        stream.heard_us = now_us
        stream.messages += 1
        if not stream.is_proven:
            stream.is_proven = True
            self._on_proven(stream)
        if stream.is_silent:
            self._on_revived(stream)
        self._streams.set_state(stream, state_while_heard(state))
        return stream

    def _unusable(self, reason: str) -> None:
        self._tally.invalid(reason)
        self._board.say(f"message not usable: {reason}", is_warning=True)

    def _has_to_wait(self, stream: Stream, block: AcquisitionBlock) -> bool:
        """Whether it does not reach back to what was polled, and that has no certain number yet.

        Stored now it would leave a hole whose size nobody knows; the answer of REST that is asked for closes it.
        """
        series = self._store.series.get(block.acquisition_id)
        if series is None or series.bracket is None or series.is_other_start(block.started_us):
            stream.held_us = None
            return False
        if block.total_samples - series.total - series.bracket.low <= block.times_us.shape[0]:
            return False
        if not self._on_uncertain(stream):
            return False
        if stream.held_us is None:
            stream.held_us = stream.heard_us
        return stream.heard_us - stream.held_us < HOLD_US

    def _keep(self, stream: Stream, block: AcquisitionBlock) -> None:
        if self._has_to_wait(stream, block):
            return
        ingest = self._store.ingest(block, stream.heard_us)
        if ingest.is_doubtful:
            self._unusable(Reason.BAD_COUNT)
            if not (ingest.new or ingest.is_restart):
                return
        stream.is_incremental = block.is_incremental
        before, stream.window = stream.window, block.count
        # The first window after a request, another client's as well, or a restart cannot reach back to the last,
        # however large it is.
        # Nor does what is missing of an incremental one come with the next, whatever is asked for: REST has it.
        could_reach = not (stream.is_fresh or ingest.is_restart or block.count < before or block.is_incremental)
        if could_reach:
            stream.reach = max(stream.reach, ingest.new + ingest.lost)
        if ingest.has_infinities:
            self._tally.mended(Reason.NOT_FINITE)
        if ingest.lost:
            self._on_loss(stream, ingest.lost + block.count if could_reach else 0)
        elif ingest.is_damaged:
            self._on_loss(stream, 0)
        if ingest.is_restart:
            self._board.say(f"{stream.info.name} was restarted")
        stream.is_fresh = False


def _emptied(block: AcquisitionBlock, total: int) -> AcquisitionBlock:
    """A message of the same run that says a count and brings nothing."""
    return replace(block, total_samples=total, count=0, times_us=block.times_us[:0], values=block.values[:, :0])
