"""Windows of samples as JSON text, each sample written once although windows overlap.

A looped signal has its text whole (``loops``). Of the others the text of whole blocks is kept; a window is those texts
joined, with only its two ragged ends written anew. Values are computed a long span at a time, also a little ahead of
the clock: they are known functions, and one long numpy call costs a third of many short ones.
``tests/sim/test_sample_text.py`` compares with the plain way, ``python -m perf simulator`` how fast the two are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from lablink_dpg.sim.loops import Loop
from lablink_dpg.sim.pieces import Buffer
from lablink_dpg.sim.signals import expected
from lablink_dpg.sim.stamp_text import StampText
from lablink_dpg.sim.timeline import Timeline

BLOCK: Final = 256  # samples whose text is kept together; a window rewrites 256 ragged ones on average
SPAN: Final = 2048  # samples computed at a time, a multiple of BLOCK


def json_array_body(array: NDArray[Any]) -> bytes:
    """A one-dimensional array as JSON without its brackets, with a comma at the end."""
    return orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1] + b","


class _Computed:
    """A channel whose samples are all different."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = spec
        self._blocks: dict[int, bytes] = {}  # by block number
        self._spans: dict[int, NDArray[np.float64]] = {}  # by span number

    def values(self, first: int, stop: int) -> NDArray[np.float64]:
        return expected(self._spec, np.arange(first, stop, dtype=np.int64))

    def text(self, first: int, stop: int) -> list[bytes]:
        """Each value with a comma after it, in pieces."""
        self._forget_before(first)
        pieces = []
        at = first
        while at < stop:
            number = at // BLOCK
            end = min((number + 1) * BLOCK, stop)
            if end - at == BLOCK:
                text = self._blocks.get(number)
                if text is None:
                    text = self._blocks[number] = self._write(at, end)
            else:
                text = self._write(at, end)
            pieces.append(text)
            at = end
        return pieces

    def _write(self, first: int, stop: int) -> bytes:
        """Samples first..stop-1, which lie in one block."""
        number = first // SPAN
        span = self._spans.get(number)
        if span is None:
            span = self._spans[number] = self.values(number * SPAN, (number + 1) * SPAN)
        offset = first - number * SPAN
        return json_array_body(span[offset : offset + stop - first])

    def _forget_before(self, first: int) -> None:
        for kept, size in ((self._blocks, BLOCK), (self._spans, SPAN)):
            for number in [number for number in kept if number < first // size]:
                del kept[number]


class SampleText:
    """Writes any window of one run. Not shared between threads; the memory is bounded by the largest window and the
    loops of its channels."""

    def __init__(self, timeline: Timeline, channels: Sequence[str], specs: Mapping[str, Mapping[str, Any]]) -> None:
        self._stamps = StampText(timeline)
        # What stands before each channel's values.
        self._heads = [
            (b'],"values":{' if number == 0 else b"],") + orjson.dumps(channel) + b":["
            for number, channel in enumerate(channels)
        ]
        self._columns = [
            _Computed(specs[channel]) if specs[channel].get("loop_log2") is None else Loop(specs[channel])
            for channel in channels
        ]

        self.loops = {
            channel: column for channel, column in zip(channels, self._columns, strict=True) if isinstance(column, Loop)
        }

    def window(self, first: int, stop: int) -> str:
        """``"timestamps":[…],"values":{…}`` of samples first..stop-1. They must exist already."""
        return b"".join(self.pieces(first, stop)).decode()

    def pieces(self, first: int, stop: int) -> list[Buffer]:
        """The same as UTF-8, to be joined together with what stands around it: it is large. Never changed later."""
        pieces: list[Buffer] = [b'"timestamps":[', *self._stamps.pieces(first, stop)]
        is_empty = stop <= first
        for head, column in zip(self._heads, self._columns, strict=True):
            if not is_empty:
                pieces[-1] = memoryview(pieces[-1])[:-1]  # without the comma after the last
            pieces.append(head)
            pieces += column.text(first, stop)
        if not is_empty:
            pieces[-1] = memoryview(pieces[-1])[:-1]
        pieces.append(b"]}" if self._heads else b'],"values":{}')
        return pieces

    def values(self, first: int, stop: int) -> list[NDArray[np.float64]]:
        """The same samples as arrays, one a channel; they may be read-only."""
        return [column.values(first, stop) for column in self._columns]
