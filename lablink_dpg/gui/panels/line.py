"""One line of a plot, as two series of the library: a long one of points that are settled, a short one of the newest.

A scrolling line has a column or two more from frame to frame, and its last column grows; all else stays. So most frames
hand over some dozens of points instead of thousands. The two share a point, and the library draws a line as single
segments: the picture is that of one series, pixel by pixel.
"""

from __future__ import annotations

from lablink_dpg.gui import series
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.frame import Trace
from lablink_dpg.query.view import TraceRequest

TAIL_POINTS = 128  # or half of what is seen of the line: beyond, the tail becomes part of the body

PHASE_STEP = 37  # no two lines beside each other wait for as many more, or all would renew their bodies in one frame


class PlotLine:
    """Main thread. Hidden at first."""

    __slots__ = (
        *("body", "tail", "_key", "_request", "_revision", "_epoch", "_body_stop", "_patience", "_is_shown"),
        *("_has_tail", "_theme", "_name"),
    )

    def __init__(self, axis: Item) -> None:
        blank = series.PLACEHOLDER
        self.body: Item = dpg.add_line_series(blank, blank, parent=axis, show=False)
        self.tail: Item = dpg.add_line_series(blank, blank, parent=axis, show=False)
        self._key = ""  # this and the next three: of what the library has; the key is that of the plot
        self._request: TraceRequest | None = None
        self._revision: int | None = None
        self._epoch = -1
        self._body_stop = 0  # number of the first point after the body; 0 where the body is the whole line, for now
        self._patience = self.body * PHASE_STEP % TAIL_POINTS
        self._is_shown = False
        self._has_tail = False  # the tail is shown
        self._theme: Item = -1
        self._name = ""

    def forget(self) -> None:
        """Hand everything over again next time."""
        self._request = self._revision = None
        self._epoch = -1

    def hide(self) -> None:
        if self._is_shown:
            self._is_shown = False
            self.forget()  # its stream may be forgotten, come back and count revisions anew
            dpg.configure_item(self.body, show=False)
            self._show_tail(False)

    def draw(self, key: str, trace: Trace, theme: Item, name: str) -> bool:
        """Show ``trace`` of the plot ``key``; ``name`` is for the legend. False if there is nothing to show."""
        size = trace.x.shape[0]
        if size == 0:
            self.hide()
            return False
        if key != self._key or trace.request != self._request:
            self._key, self._request, self._epoch, self._revision = key, trace.request, -1, None
        if trace.revision != self._revision:
            self._send(trace, size)
        if theme != self._theme or name != self._name:
            self._theme, self._name = theme, name
            dpg.configure_item(self.body, label=name)
            for item in (self.body, self.tail):
                dpg.bind_item_theme(item, theme)
        if not self._is_shown:
            self._is_shown = True
            dpg.configure_item(self.body, show=True)
        return True

    def follow(self, trace: Trace) -> None:
        """Show other points of what ``draw`` has shown, all else being the same. There are some."""
        if trace.revision != self._revision:
            self._send(trace, len(trace.x))

    def _send(self, trace: Trace, size: int) -> None:
        """Hand over the tail if the body is still good, else both."""
        _, x, y, self._revision, epoch, start, settled = trace
        joint = self._body_stop - 1 - start  # where in the trace the body ends
        tail, half = size - joint - self._patience, size // 2
        is_good = epoch == self._epoch and joint >= 0 and (tail <= TAIL_POINTS or tail <= half)
        if not is_good:
            joint = settled - 1 - start
            if epoch and joint > 0:
                self._epoch, self._body_stop = epoch, settled
                series.push_clean(self.body, x[: joint + 1], y[: joint + 1])
            else:
                self._epoch, joint = -1, size - 1
                series.push_clean(self.body, x, y)
        has_tail = joint < size - 1
        if has_tail:
            series.push_clean(self.tail, x[joint:], y[joint:])
        if has_tail is not self._has_tail:
            self._show_tail(has_tail)

    def _show_tail(self, is_shown: bool) -> None:
        if is_shown != self._has_tail:
            self._has_tail = is_shown
            dpg.configure_item(self.tail, show=is_shown)
