"""The words beside the plots, fetched a few times a second and kept in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lablink_dpg.gui import asking, pins, plot_choice, state, states
from lablink_dpg.gui.cadence import Turn, next_us
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import ViewState
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.query.frame import ReadingLine, StreamLine
from lablink_dpg.query.view import TraceRequest


class Lines:
    """Main thread."""

    def __init__(self, source: Source) -> None:
        self.streams: list[StreamLine] = []  # of the acquisitions
        self.all: list[StreamLine] = []  # and of single values that have a card
        self.found: list[StreamLine] = []  # those that the search field lets through
        self.readings: Sequence[ReadingLine] = ()  # of devices, while some of their values are drawn
        self.names: Mapping[TraceRequest, str] = {}  # of traces that plots show beside their own
        self.are_new = False  # fetched for this frame
        self.is_live = False  # samples come, now
        self._source = source
        self._known_streams = -1  # when they were last fetched
        self._filter_applied = ""
        self._chosen: tuple[object, object] = ((), {})  # pinned and extras, as they were
        self._known: frozenset[str] = frozenset()  # keys of what was there
        self._servers: tuple[str, ...] = ()  # that were watched then
        self._due_us = 0

    def renew(self) -> None:
        """Whoever shows them has forgotten them."""
        self._due_us = 0

    def refresh(self, view: ViewState, links: Sequence[LinkStatus], now_us: int) -> ViewState:
        """Fetch them if it is time, or the number of streams, the search or what is pinned has changed.

        Returns the view without what was chosen for streams that are gone.
        """
        known = sum(len(link.streams) for link in links)
        is_changed = known != self._known_streams or view.filter_text != self._filter_applied
        is_changed |= view.pinned is not self._chosen[0] or view.extras is not self._chosen[1]
        self.are_new = is_changed or now_us >= self._due_us
        if not self.are_new:
            return view
        self._due_us = next_us(now_us, Turn.PLOTS)
        self._known_streams = known
        self._filter_applied = view.filter_text
        self.streams = list(self._source.stream_lines())
        view = self._refresh_readings(view, tuple(link.server for link in links))
        self.is_live = any(states.is_fresh(line) for line in self.all)
        self._chosen = view.pinned, view.extras
        self.found = asking.matching(self.all, view.filter_text)
        return state.keep_known(view, {line.stream for line in self.all})

    def _refresh_readings(self, view: ViewState, servers: tuple[str, ...]) -> ViewState:
        if not view.pinned and not view.extras:
            self.readings, self.names, self.all, self._known = (), {}, self.streams, frozenset()
            return view
        self.fetch_readings()
        view = self._forget(view, servers)
        self.all = [*self.streams, *(pins.card_line(pin, self.readings) for pin in view.pinned)]
        extras = [trace for traces in view.extras.values() for trace in traces]
        by_series = {line.stream: line for line in self.streams}
        self.names = pins.trace_names(extras, by_series, {each.line.stream: each.line for each in self.readings})
        return view

    def _forget(self, view: ViewState, servers: tuple[str, ...]) -> ViewState:
        """What was there and is no more is gone for good: whether something only rests is the source's affair.

        What goes with a server that is watched no more comes back with it.
        """
        cards = {pin.key for pin in view.pinned if pins.found(pin, self.readings) is not None}
        series = {line.stream for line in self.streams} | {each.line.stream for each in self.readings}
        known = frozenset(cards | series)
        gone = self._known - known if servers == self._servers else frozenset[str]()
        self._known, self._servers = known, servers
        return plot_choice.forget(view, gone)

    def fetch_readings(self) -> Sequence[ReadingLine]:
        """Those of now, for somebody who drags one."""
        self.readings = self._source.reading_lines()
        return self.readings

    def overlaid(self, view: ViewState) -> list[StreamLine]:
        """Those of the large plot, in display order."""
        chosen = set(state.overlay_streams(view, tuple(line.stream for line in self.all)))
        return [line for line in self.all if line.stream in chosen]
