"""Windows of samples as typed messages, and which of them a stream sends next: see wire/PROTOCOL.md.

A message is what does not change, made once a run, with the counts put between, joined with the memory of the samples:
one copy, made by ``bytes.join``. The position is the stream's, not a client's, since a stream is everybody's.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.sim.cbor import FLOAT64, SINT64, encode, head, text
from lablink_dpg.sim.pieces import Pieces
from lablink_dpg.sim.stamps import EPOCH, iso

if TYPE_CHECKING:
    from lablink_dpg.sim.acquisition import Acquisition

SUBPROTOCOL: Final = "lablink.cbor"
MAX_BYTES: Final = 8 << 20  # of samples in one message: larger ones hold up every other stream
_HOLE: Final = b"\x1b\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"  # stands for a count; no text has these bytes

Column: TypeAlias = "Sequence[NDArray[np.float64]] | bytes"  # pieces of an array, or an item that is encoded already
Times: TypeAlias = "tuple[int, int] | NDArray[np.int64]"  # the first and the last of evenly spaced ones, or each


class Head:
    """A message up to its data, for any count of samples."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        """``message``: without data; ``stats`` has the counts ``total_samples`` and ``samples_per_channel``."""
        stats = message["stats"]
        holed = {
            **stats,
            "total_samples": _HOLE,
            "samples_per_channel": dict.fromkeys(stats["samples_per_channel"], _HOLE),
        }
        body = encode({**message, "stats": holed})[1:]
        self._pieces = (head(5, len(message) + 1) + body + text("data")).split(_HOLE)

    def at(self, total: int) -> bytes:
        return count(total).join(self._pieces)


def count(number: int) -> bytes:
    return struct.pack(">BI", 0x1A, number) if number < 1 << 32 else struct.pack(">BQ", 0x1B, number)


_DATA: Final = head(5, 4) + text("first")
_COUNT: Final = text("count")
_TIMES: Final = text("timestamps")
_EVEN: Final = _TIMES + b"\x82"
_VALUES: Final = text("values")


@dataclass(slots=True)
class Window:
    """One message."""

    head: bytes
    first: int
    count: int
    times: Times
    columns: Mapping[str, Column]

    def encode(self) -> bytes:
        return b"".join(self._parts())

    def pieces(self) -> Pieces:
        """The same, to be joined where it is sent."""
        return Pieces(
            [each if isinstance(each, bytes) else memoryview(each).cast("B") for each in self._parts()], is_text=False
        )

    def _parts(self) -> list[Any]:
        parts: list[Any] = [self.head, _DATA, count(self.first), _COUNT, count(self.count)]
        if self.count == 0:
            parts += (_TIMES, b"\x80", _VALUES, b"\xa0")
            return parts
        if isinstance(self.times, tuple):
            parts += (_EVEN, struct.pack(">BqBq", 0x1B, self.times[0], 0x1B, self.times[1]))
        else:
            parts += (_TIMES, SINT64, head(2, self.times.nbytes), self.times)
        parts += (_VALUES, head(5, len(self.columns)))
        for name, column in self.columns.items():
            parts.append(text(name))
            if isinstance(column, bytes):
                parts.append(column)
            else:
                parts += (FLOAT64, head(2, sum(piece.nbytes for piece in column)), *column)
        return parts

    def stamped(self, change: Callable[[list[str]], list[str]]) -> Window:
        """With other timestamps, written as JSON has them."""
        if self.count == 0:
            return self
        if isinstance(self.times, tuple):
            first, last = self.times
            steps = max(1, self.count - 1)
            times = [first + (last - first) * number // steps for number in range(self.count)]
        else:
            times = self.times.tolist()
        stamps = np.array(change([iso(each) for each in times]), "datetime64[us]")
        return replace(self, times=(stamps - np.datetime64(EPOCH, "us")).astype(np.int64))


class Position:
    """What of an acquisition a stream sends next as typed messages. Event loop only."""

    def __init__(
        self,
        find: Callable[[], Acquisition | None],
        clock: Callable[[], int],
        num_samples: int,
        *,
        is_incremental: bool,
    ) -> None:
        self._find = find
        self._clock = clock
        self._num_samples = num_samples
        self._is_incremental = is_incremental
        self._is_begun = False
        self._next: int | None = None  # the first sample not sent yet; None while nobody takes them
        self._run: object = None  # that it is counted in

    def follow(self, before: Position) -> None:
        """Be asked for in place of ``before``: what that had not sent yet is still to be sent.

        Of whoever asks, one that does not know incremental windows does not take them from those who do.
        """
        self._next, self._run = before._next, before._run
        self._is_incremental |= before._is_incremental

    def rest(self) -> None:
        """Nobody takes typed messages at present."""
        self._next = None

    def take(self) -> list[Window] | None:
        """The messages that are due; None: the acquisition is no more."""
        acquisition = self._find()
        if acquisition is None:
            return None
        now_us = self._clock()
        state, total = acquisition.state(now_us), acquisition.total(now_us)
        if acquisition.run is not self._run:
            self._run = acquisition.run
            self._next = None if self._next is None else 0
        newest = max(0, total - self._num_samples)
        first = newest
        if self._is_incremental and self._next is not None:
            first = self._next if self._is_begun else min(self._next, newest)
        first = max(first, total - acquisition.config.buffer_size)
        self._next, self._is_begun = total, True
        most = max(1, MAX_BYTES // (8 * (1 + len(acquisition.config.channels))))
        windows: list[Window] = []
        while not windows or first < total:
            stop = min(first + most, total)
            windows.append(acquisition.window(first, stop, total, state, now_us))
            first = stop
        return windows
