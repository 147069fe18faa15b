"""One line of a plot, as two series of the library: a long one of points that are settled, a short one of the newest.

A scrolling line has a column or two more from frame to frame, and its last column grows; all else stays. So most frames
hand over some dozens of points instead of thousands. The two share a point, and the library draws a line as single
segments: the picture is that of one series, pixel by pixel.
"""

from __future__ import annotations

from typing import NamedTuple

from lablink_dpg.gui import series
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.frame import Trace
from lablink_dpg.query.view import TraceRequest

TAIL_POINTS = 128  # or half of what is seen of the line: beyond, the tail becomes part of the body


class Sent(NamedTuple):
    """What the library has of a line."""

    key: str  # of the plot
    request: TraceRequest
    revision: int
    epoch: int
    body_stop: int  # number of the first point after the body; 0 where the body is the whole line, for now


class PlotLine:
    """Main thread. Hidden at first."""

    def __init__(self, axis: Item) -> None:
        blank = series.PLACEHOLDER
        self.body: Item = dpg.add_line_series(blank, blank, parent=axis, show=False)
        self.tail: Item = dpg.add_line_series(blank, blank, parent=axis, show=False)
        self._sent: Sent | None = None
        self._is_shown = False
        self._has_tail = False  # the tail is shown
        self._theme: Item = -1
        self._name = ""

    def forget(self) -> None:
        """Hand everything over again next time."""
        self._sent = None

    def hide(self) -> None:
        if self._is_shown:
            self._is_shown = False
            self._sent = None  # its stream may be forgotten, come back and count revisions anew
            dpg.configure_item(self.body, show=False)
            self._show_tail(False)

    def draw(self, key: str, trace: Trace, theme: Item, name: str) -> bool:
        """Show ``trace`` of the plot ``key``; ``name`` is for the legend. False if there is nothing to show."""
        size = trace.x.shape[0]
        if size == 0:
            self.hide()
            return False
        sent = self._sent
        if sent is None or sent.revision != trace.revision or sent.key != key or sent.request != trace.request:
            self._send(key, trace, size)
        if theme != self._theme or name != self._name:
            self._theme, self._name = theme, name
            dpg.configure_item(self.body, label=name)
            for item in (self.body, self.tail):
                dpg.bind_item_theme(item, theme)
        if not self._is_shown:
            self._is_shown = True
            dpg.configure_item(self.body, show=True)
        return True

    def _send(self, key: str, trace: Trace, size: int) -> None:
        """Hand over the tail if the body is still good, else both."""
        sent, start = self._sent, trace.start
        body_stop = 0 if sent is None or sent.epoch != trace.epoch or sent.key != key else sent.body_stop
        joint = body_stop - 1 - start  # where in the trace the body ends
        if not (body_stop and joint >= 0 and size - joint <= max(TAIL_POINTS, size // 2)):
            joint = trace.settled - 1 - start if trace.epoch else 0
            if joint > 0:
                body_stop = trace.settled
                series.push_clean(self.body, trace.x[: joint + 1], trace.y[: joint + 1])
            else:
                body_stop = 0
                series.push_clean(self.body, trace.x, trace.y)
        has_tail = body_stop > 0 and joint < size - 1
        if has_tail:
            series.push_clean(self.tail, trace.x[joint:], trace.y[joint:])
        self._show_tail(has_tail)
        self._sent = Sent(key, trace.request, trace.revision, trace.epoch, body_stop)

    def _show_tail(self, is_shown: bool) -> None:
        if is_shown != self._has_tail:
            self._has_tail = is_shown
            dpg.configure_item(self.tail, show=is_shown)
