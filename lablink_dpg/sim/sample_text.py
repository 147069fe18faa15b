"""Windows of samples as JSON text, each sample written once although windows overlap.

The text of whole blocks is kept; a window is those texts joined, with only its two ragged ends written anew. Values
are computed a long span at a time, also a little ahead of the clock: they are known functions, and one long numpy
call costs a third of many short ones. On the stress run this is a good third less work than writing each window whole;
``tests/sim/test_sample_text.py`` compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from lablink_dpg.sim.signals import expected
from lablink_dpg.sim.timeline import Timeline

BLOCK: Final = 256  # samples whose text is kept together; a window rewrites 256 ragged ones on average
SPAN: Final = 2048  # samples computed at a time, a multiple of BLOCK


def json_array_body(array: NDArray[Any]) -> str:
    """A one-dimensional array as JSON without its brackets."""
    return orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode("ascii")


class SampleText:
    """Writes any window of one run. Not shared between threads; the memory is bounded by the largest window."""

    def __init__(self, timeline: Timeline, channels: Sequence[str], specs: Mapping[str, Mapping[str, Any]]) -> None:
        self._timeline = timeline
        self._specs = [specs[channel] for channel in channels]
        self._names = [orjson.dumps(channel).decode() for channel in channels]
        self._blocks: dict[int, list[str]] = {}  # by block number: timestamps, then each channel
        self._spans: dict[int, list[NDArray[Any]]] = {}  # by span number: timestamps, then each channel
        self._revision = timeline.revision  # of the timeline that the spans were computed from

    def window(self, first: int, stop: int) -> str:
        """``"timestamps":[…],"values":{…}`` of samples first..stop-1. They must exist already."""
        self._forget_before(first)
        if self._revision != self._timeline.revision:
            self._revision = self._timeline.revision
            self._spans.clear()  # they reach ahead of the clock, and a pause has moved what was ahead
        columns: list[list[str]] = [[] for _ in range(len(self._names) + 1)]
        at = first
        while at < stop:
            number = at // BLOCK
            end = min((number + 1) * BLOCK, stop)
            if end - at == BLOCK:
                texts = self._blocks.get(number)
                if texts is None:
                    texts = self._blocks[number] = self._write(at, end)
            else:
                texts = self._write(at, end)
            for column, text in zip(columns, texts, strict=True):
                column.append(text)
            at = end
        parts = ['"timestamps":[', ",".join(columns[0]), '],"values":{']
        for number, (name, column) in enumerate(zip(self._names, columns[1:], strict=True)):
            parts += [",", name, ":["] if number else [name, ":["]
            parts += [",".join(column), "]"]
        parts.append("}")
        return "".join(parts)

    def values(self, first: int, stop: int) -> list[NDArray[np.float64]]:
        """The same samples as arrays, one a channel."""
        indices = np.arange(first, stop, dtype=np.int64)
        return [expected(spec, indices) for spec in self._specs]

    def _write(self, first: int, stop: int) -> list[str]:
        """Each column of samples first..stop-1, which lie in one block."""
        number = first // SPAN
        span = self._spans.get(number)
        if span is None:
            start, end = number * SPAN, (number + 1) * SPAN
            times = self._timeline.times(start, end).view("datetime64[us]")
            span = self._spans[number] = [times, *self.values(start, end)]
        offset = first - number * SPAN
        return [json_array_body(column[offset : offset + stop - first]) for column in span]

    def _forget_before(self, first: int) -> None:
        for kept, size in ((self._blocks, BLOCK), (self._spans, SPAN)):
            for number in [number for number in kept if number < first // size]:
                del kept[number]
