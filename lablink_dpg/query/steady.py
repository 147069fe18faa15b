"""The plots of a view that is asked for again: what was looked up for one frame serves the next ones."""

from __future__ import annotations

from collections.abc import Mapping

from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.plot import timed
from lablink_dpg.query.plot_memory import PlotMemory
from lablink_dpg.query.view import PlotRequest
from lablink_dpg.store.series import Series


class SteadyPlots:
    """As long as requests and series are the very same, and no plot has other columns. Reader thread only."""

    __slots__ = ("by_stream", "pairs", "plots", "requests", "shown")

    def __init__(
        self, requests: tuple[PlotRequest, ...], by_stream: Mapping[str, Series], memories: Mapping[str, PlotMemory]
    ) -> None:
        self.requests = requests
        self.by_stream = by_stream
        self.plots: list[tuple[PlotRequest, PlotMemory]] = [(each, memories[each.key]) for each in requests]
        self.pairs: list[tuple[Series, ColumnCache]] = []  # of all plots
        self.shown: dict[str, Series] = {}  # by stream, those that have an age
        for memory in memories.values():
            pairs = memory.pair(by_stream)
            self.pairs += pairs
            if len(pairs) == len(memory.caches):
                self.shown.update(timed(memory, pairs))
