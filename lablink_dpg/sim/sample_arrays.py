"""Samples of a run as memory: computed a long span at a time, handed out as the pieces of it that a window covers.

Ahead of the clock too: they are known functions, and one long numpy call costs a third of many short ones. A looped
signal is a table already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.sim.loops import Loop
from lablink_dpg.sim.signals import expected

SPAN: Final = 2048  # samples computed at a time


class SampleArrays:
    """Of one run. Not shared between threads; the memory is bounded by the largest window."""

    def __init__(
        self, channels: Sequence[str], specs: Mapping[str, Mapping[str, Any]], loops: Mapping[str, Loop] | None = None
    ) -> None:
        """``loops``: of the channels that are looped."""
        self._loops = dict(loops or {})
        self._channels = tuple(channels)
        self._computed = tuple(name for name in self._channels if name not in self._loops)
        self._specs = specs
        self._spans: dict[int, list[NDArray[np.float64]]] = {}  # by their number: each channel

    def pieces(self, first: int, stop: int) -> dict[str, list[NDArray[np.float64]]]:
        """Of each channel samples first..stop-1, as views to be joined. first < stop; earlier ones are forgotten."""
        for number in [number for number in self._spans if number < first // SPAN]:
            del self._spans[number]
        columns: dict[str, list[NDArray[np.float64]]] = {
            name: [self._loops[name].values(first, stop)] if name in self._loops else [] for name in self._channels
        }
        for number in range(first // SPAN, (stop - 1) // SPAN + 1) if self._computed else ():
            start = number * SPAN
            rows = self._spans.get(number)
            if rows is None:
                indices = np.arange(start, start + SPAN, dtype=np.int64)
                rows = self._spans[number] = [expected(self._specs[name], indices) for name in self._computed]
            inside = slice(max(first, start) - start, min(stop, start + SPAN) - start)
            for name, row in zip(self._computed, rows, strict=True):
                columns[name].append(row[inside])
        return columns
