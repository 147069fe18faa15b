"""What a looped signal repeats, kept as numbers and as text: a window costs little more than copying it.

The values lie in their table twice, one after the other, so that any stretch no longer than the loop is one slice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson

from lablink_dpg.sim.signals import MAX_LOOP_LOG2, Float64Array, expected

COMMA: Final = ord(",")
KEPT_SAMPLES: Final = 1 << 24  # in all loops of ``Loops``: 256 MB, twice what the largest stress run repeats


class Loop:
    """The samples of one spec with ``loop_log2``. Its arrays are read-only: they are handed out without a copy."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        """Raises ValueError for a loop that is too long to be kept."""
        if not 0 <= spec["loop_log2"] <= MAX_LOOP_LOG2:
            raise ValueError(f"loop_log2 of {spec['loop_log2']}, a loop of up to {MAX_LOOP_LOG2} is kept")
        self.size = 1 << int(spec["loop_log2"])
        once = expected(spec, np.arange(self.size, dtype=np.int64))
        self._values = np.concatenate((once, once))
        self._values.flags.writeable = False
        self._text = memoryview(b"")  # of the whole loop, with a comma after each value; not everybody needs it
        # Where each value begins in it, and where the last one ends. A view gives plain numbers in half the time.
        self._offsets = np.empty(0, np.uint32).data

    def values(self, first: int, stop: int) -> Float64Array:
        """Samples first..stop-1, shape (stop - first,). Read-only as long as they are no more than the loop."""
        at, count = first % self.size, stop - first
        if count <= self.size:
            return self._values[at : at + count]
        out = np.empty(count)
        done = 0
        while done < count:
            piece = min(self.size, count - done)
            out[done : done + piece] = self._values[at : at + piece]
            at, done = (at + piece) % self.size, done + piece
        return out

    def text(self, first: int, stop: int) -> list[memoryview]:
        """The JSON of samples first..stop-1 in pieces, each value with a comma after it."""
        if not self._text:
            self._write()
        offsets, at, count = self._offsets, first % self.size, stop - first
        if 0 < count <= self.size - at:
            return [self._text[offsets[at] : offsets[at + count]]]
        pieces = []
        while count > 0:
            here = min(self.size - at, count)
            pieces.append(self._text[offsets[at] : offsets[at + here]])
            at, count = 0, count - here
        return pieces

    def _write(self) -> None:
        text = bytearray(orjson.dumps(self._values[: self.size], option=orjson.OPT_SERIALIZE_NUMPY))
        text[-1] = COMMA
        self._text = memoryview(text)[1:].toreadonly()
        commas = np.flatnonzero(np.frombuffer(self._text, np.uint8) == COMMA)
        offsets = np.zeros(self.size + 1, np.uint32)
        offsets[1:] = commas + 1
        self._offsets = offsets.data


class Loops:
    """Any stretch of any signal; of the looped ones the latest are kept, up to ``KEPT_SAMPLES``. One thread."""

    def __init__(self, max_samples: int = KEPT_SAMPLES) -> None:
        self._max_samples = max_samples
        self._loops: OrderedDict[tuple[tuple[str, Any], ...], Loop] = OrderedDict()
        self._samples = 0

    def values(self, spec: Mapping[str, Any], first: int, stop: int) -> Float64Array:
        """``expected`` of first..stop-1, bit for bit. The array may be read-only.

        Raises:
            As ``expected``.
        """
        loop_log2 = spec.get("loop_log2")
        if loop_log2 is None or not 0 <= loop_log2 <= MAX_LOOP_LOG2:
            return expected(spec, np.arange(first, stop, dtype=np.int64))
        key = tuple(spec.items())  # a server names its channels' specs in one order of their fields
        loop = self._loops.get(key)
        if loop is None:
            loop = self._loops[key] = Loop(spec)
            self._samples += loop.size
            while self._samples > self._max_samples and len(self._loops) > 1:
                self._samples -= self._loops.popitem(last=False)[1].size
        else:
            self._loops.move_to_end(key)
        return loop.values(first, stop)
