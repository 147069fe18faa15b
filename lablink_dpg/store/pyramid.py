"""History at any zoom in O(pixels): level k keeps the minimum and maximum of every 16^k samples, each level a ring.

A cell is folded once, when its samples are complete, never rebuilt while scrolling. Folding waits until a whole batch
is pending, because the cost of a call would otherwise dominate small blocks; readers take the unfolded tail from the
samples.
"""

from __future__ import annotations

import numpy as np

from lablink_dpg.model.acquisition import FloatArray
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.folding import FANOUT, fold

MIN_TOP_CELLS = 16  # no level coarser than this many cells: a plot is wider than that
FOLD_BATCH = 1024  # samples pending before a fold: 64 cells per numpy call instead of 1 to 3
SPARE_CELLS = 2  # so that a cell is overwritten only after all of its samples have left the ring


class _Level:
    def __init__(self, channels: int, cells: int, storage: Storage) -> None:
        self.cells = -(-(cells + SPARE_CELLS) // FANOUT) * FANOUT  # multiple of FANOUT: no upper cell wraps
        self.both: FloatArray = np.empty((2, channels, self.cells), storage.value)
        self.low, self.high = self.both
        self.folded = 0  # cells completely written; stored by the writer only


class Pyramid:
    """Belongs to one ring, which guards its reads by ``claim``. One writer, one reader."""

    def __init__(self, channels: int, capacity: int, storage: Storage = Storage.FLOAT64) -> None:
        self.levels: list[_Level] = []  # levels[0] is level 1
        cells = capacity // FANOUT
        while cells >= MIN_TOP_CELLS:
            self.levels.append(_Level(channels, cells, storage))
            cells //= FANOUT
        self._capacity = capacity
        self._pending_from = 0  # first sample not folded into level 1

    @property
    def top(self) -> int:
        return len(self.levels)

    @property
    def allocated_bytes(self) -> int:
        return sum(level.low.nbytes + level.high.nbytes for level in self.levels)

    def folded(self, level: int) -> int:
        """Number of cells of ``level`` that are complete. Any thread."""
        return self.levels[level - 1].folded

    def read(self, level: int, first: int, last: int) -> tuple[FloatArray, FloatArray]:
        """Copies of cells first..last-1, each shape (channels, last - first). The caller checks for overrun."""
        ring = self.levels[level - 1]
        slot = first % ring.cells
        if slot + (last - first) <= ring.cells:
            return ring.low[:, slot : slot + last - first].copy(), ring.high[:, slot : slot + last - first].copy()
        rest = slot + last - first - ring.cells
        low, high = (np.concatenate((part[:, slot:], part[:, :rest]), axis=1) for part in (ring.low, ring.high))
        return low, high

    def lying(self, level: int, first: int, last: int) -> tuple[FloatArray, FloatArray] | None:
        """As ``read``, the cells as they lie in memory; None where they lie across its end."""
        ring = self.levels[level - 1]
        slot = first % ring.cells
        end = slot + last - first
        return None if end > ring.cells else (ring.low[:, slot:end], ring.high[:, slot:end])

    def lying_parts(self, level: int, first: int, last: int) -> list[FloatArray]:
        """Lows and highs of cells first..last-1, as far as they are still here, in one or two parts; first < last."""
        ring = self.levels[level - 1]
        slot = max(first, last - ring.cells) % ring.cells
        end = slot + min(last - first, ring.cells)
        if end <= ring.cells:
            return [ring.both[:, :, slot:end]]
        return [ring.both[:, :, slot:], ring.both[:, :, : end - ring.cells]]

    # -- writer -------------------------------------------------------------------------------------------------

    def fold(self, samples: FloatArray, stop: int) -> None:
        """Fold what became complete; ``samples`` is the ring's array holding samples up to ``stop``. Writer only.

        A block longer than the ring skips cells nobody can read.
        """
        if stop - self._pending_from < FOLD_BATCH or not self.levels:
            return
        first = max(self._pending_from, (stop - self._capacity + FANOUT - 1) // FANOUT * FANOUT) // FANOUT
        last = stop // FANOUT
        self._fold_level(1, samples, self._capacity, first, last)
        self._pending_from = last * FANOUT
        for number in range(2, self.top + 1):
            below = self.levels[number - 2]
            last //= FANOUT
            self._fold_level(number, (below.low, below.high), below.cells, self.levels[number - 1].folded, last)

    def skip_to(self, start: int) -> None:
        """Begin at sample ``start`` instead of 0: nothing below it will be read. Writer only, before the first fold."""
        self._pending_from = -(-start // FANOUT) * FANOUT
        for number, level in enumerate(self.levels, 1):
            level.folded = -(-start // FANOUT**number)

    def refold(self, samples: FloatArray, start: int, stop: int) -> None:
        """Recompute the folded cells over samples start..stop-1, which were overwritten. Writer only."""
        first, last = start // FANOUT, -(-stop // FANOUT)
        source: FloatArray | tuple[FloatArray, FloatArray] = samples
        slots = self._capacity
        for number, level in enumerate(self.levels, 1):
            last = min(last, level.folded)
            if first >= last:
                return
            self._fold_level(number, source, slots, first, last)
            source, slots = (level.low, level.high), level.cells
            first, last = first // FANOUT, -(-last // FANOUT)

    def _fold_level(
        self,
        number: int,
        source: FloatArray | tuple[FloatArray, FloatArray],
        slots: int,
        first: int,
        last: int,
    ) -> None:
        """Cells first..last-1 of level ``number`` from ``source``, a ring of ``slots`` entries a channel."""
        level = self.levels[number - 1]
        lows, highs = source if isinstance(source, tuple) else (source, source)
        first = max(first, last - level.cells)
        at = first
        while at < last:
            # A run ends where the source or this level wraps; both wrap on cell boundaries.
            source_slot, slot = at * FANOUT % slots, at % level.cells
            run = min(last - at, (slots - source_slot) // FANOUT, level.cells - slot)
            fold(lows, highs, source_slot, level.low, level.high, slot, run)
            at += run
        level.folded = max(level.folded, last)
