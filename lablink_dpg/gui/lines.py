"""The words beside the plots, fetched a few times a second and kept in between."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui import asking, state, states
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import ViewState
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.query.frame import StreamLine

WORDS_EVERY_US = 250_000  # numbers that change more often cannot be read


class Lines:
    """Main thread."""

    def __init__(self, source: Source) -> None:
        self.all: list[StreamLine] = []
        self.found: list[StreamLine] = []  # those that the search field lets through
        self.are_new = False  # fetched for this frame
        self.is_live = False  # samples come, now
        self._source = source
        self._known_streams = -1  # when they were last fetched
        self._filter_applied = ""
        self._due_us = 0

    def renew(self) -> None:
        """Whoever shows them has forgotten them."""
        self._due_us = 0

    def refresh(self, view: ViewState, links: Sequence[LinkStatus], now_us: int) -> ViewState:
        """Fetch them if it is time, or the number of streams or the search has changed.

        Returns the view without what was chosen for streams that are gone.
        """
        known = sum(len(link.streams) for link in links)
        is_changed = known != self._known_streams or view.filter_text != self._filter_applied
        self.are_new = is_changed or now_us >= self._due_us
        if not self.are_new:
            return view
        self._due_us = now_us + WORDS_EVERY_US
        self._known_streams = known
        self._filter_applied = view.filter_text
        self.all = list(self._source.stream_lines())
        self.found = asking.matching(self.all, view.filter_text)
        self.is_live = any(states.is_fresh(line) for line in self.all)
        return state.keep_known(view, {line.stream for line in self.all})

    def overlaid(self, view: ViewState) -> list[StreamLine]:
        """Those of the large plot, in display order."""
        chosen = set(state.overlay_streams(view, tuple(line.stream for line in self.all)))
        return [line for line in self.all if line.stream in chosen]
