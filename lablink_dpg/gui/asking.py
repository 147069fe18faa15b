"""From what the user chose and what is on the screen to the ``View`` that a frame is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui import scale
from lablink_dpg.gui.density import Density
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.panels.plot import MAX_CHANNELS, MAX_TRACES
from lablink_dpg.gui.state import OVERLAY_KEY, ViewState
from lablink_dpg.query.frame import PlotFrame, StreamLine
from lablink_dpg.query.view import PlotRequest, TraceRequest, View, YRange


class GridView:
    """``grid_view`` of a grid that mostly stays: plots are asked for anew only if something else is wanted of them."""

    def __init__(self) -> None:
        self._made_for: tuple[object, ...] = ()
        self._lines: Sequence[StreamLine] = ()  # all of them, as they were then …
        self._own: list[tuple[str, str, tuple[str, ...]]] = []  # … and what of those on the screen matters here
        self._plots: tuple[PlotRequest, ...] = ()
        self._density = Density()

    def view(self, state: ViewState, lines: Sequence[StreamLine], visible: range, area: Rect) -> View:
        """Of ``visible`` ones of ``lines``; as ``grid_view``."""
        made_for = visible, area, state.y_ranges, state.extras, scale.current()
        if lines is not self._lines or made_for != self._made_for:
            shown = [lines[index] for index in visible]
            own = [(line.stream, line.series, line.channels) for line in shown]
            if own != self._own or made_for != self._made_for:
                self._plots = grid_view(state, shown, area, self._density).plots
            self._lines, self._own, self._made_for = lines, own, made_for
        return View(state.time, self._plots)


def grid_view(state: ViewState, lines: Sequence[StreamLine], area: Rect, density: Density) -> View:
    """One plot for each of ``lines``, the streams on the screen; ``area`` is the size of each plotting area."""
    columns_per_px = density.columns_per_px(sum(len(traces_of(state, line)) for line in lines), area.width)
    return View(
        state.time,
        tuple(
            PlotRequest(
                line.stream,
                traces_of(state, line),
                width_px=area.width,
                height_px=area.height,
                y_range=state.y_ranges.get(line.stream),
                letters=scale.current(),
                columns_per_px=columns_per_px,
            )
            for line in lines
        ),
    )


def traces_of(state: ViewState, line: StreamLine) -> tuple[TraceRequest, ...]:
    """Of its card: its own channels, then what was added to them."""
    own = tuple(TraceRequest(line.series, channel) for channel in line.channels[:MAX_CHANNELS])
    extras = state.extras.get(line.stream)
    return own if not extras else tuple(dict.fromkeys((*own, *extras)))


def overlay_view(state: ViewState, lines: Sequence[StreamLine], area: Rect, density: Density) -> View:
    """One plot of all ``lines``. First channels come first, so that the bound on lines never hides a whole stream."""
    depth = max((len(line.channels) for line in lines), default=0)
    traces = [
        TraceRequest(line.series, line.channels[position])
        for position in range(min(depth, MAX_CHANNELS))
        for line in lines
        if position < len(line.channels)
    ]
    request = PlotRequest(
        OVERLAY_KEY,
        tuple(traces[:MAX_TRACES]),
        width_px=area.width,
        height_px=area.height,
        y_range=state.y_ranges.get(OVERLAY_KEY),
        letters=scale.current(),
        columns_per_px=density.columns_per_px(len(traces[:MAX_TRACES]), area.width),
    )
    return View(state.time, (request,))


def absolute_y(plot: PlotFrame) -> YRange:
    """The Y range that a plot shows, with its origin added back."""
    low, high = plot.y_limits
    return YRange(plot.y_origin + low, plot.y_origin + high)


def matching(lines: Sequence[StreamLine], text: str) -> list[StreamLine]:
    """Lines whose name or id holds ``text``, whatever its case."""
    wanted = text.strip().casefold()
    if not wanted:
        return list(lines)
    return [line for line in lines if wanted in line.name.casefold() or wanted in line.stream.casefold()]
