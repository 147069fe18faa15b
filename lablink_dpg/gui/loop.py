"""The frame loop: callbacks, then our work, then the library's drawing, then sleep until the next turn.

While nothing changes most turns make no frame: see ``pace``. While the window is minimised nothing is prepared or
drawn, and such turns are no frames: see ``gui.minimised``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from lablink_dpg.gui.desktop import DesktopWatch
from lablink_dpg.gui.minimised import MinimisedWatch
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.pace import Pace
from lablink_dpg.times import FrameTimes

log = logging.getLogger(__name__)
REMEMBERED_ERRORS = 100  # distinct errors logged once each; more than that is one bug with many faces


class OnceLogger:
    """Logs each distinct error once: sixty tracebacks a second help nobody."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def report(self, where: str, error: Exception) -> None:
        key = (where, repr(error))
        if key not in self._seen and len(self._seen) < REMEMBERED_ERRORS:
            self._seen.add(key)
            log.error("%s failed: %r", where, error, exc_info=error)


def run_callbacks(errors: OnceLogger) -> None:
    """Run what the user did since the last frame; an error in one neither stops the others nor the window."""
    for job in dpg.get_callback_queue() or ():
        if job[0] is None:
            continue
        try:
            dpg.run_callbacks([job])
        except Exception as error:
            errors.report("a callback of the window", error)


def run(
    step: Callable[[], None],
    should_stop: Callable[[], bool],
    news: Callable[[], object],
    pace: Pace,
    times: FrameTimes,
) -> None:
    """Draw until the window is closed or ``should_stop``. ``step`` is timed as "prepare". Main thread.

    ``should_stop`` and ``news`` are asked at full pace, whether there is something to draw or not, minimised or not.
    """
    errors = OnceLogger()
    watch, desktop = MinimisedWatch(), DesktopWatch()
    while dpg.is_dearpygui_running() and not should_stop():
        run_callbacks(errors)
        if watch.is_minimised():
            if watch.is_closed_meanwhile():
                break
        elif pace.is_due(news(), is_touched=desktop.has_something_to_tell()):
            started = time.perf_counter()
            try:
                step()
            except Exception as error:
                errors.report("a frame", error)
            prepared = time.perf_counter()
            dpg.render_dearpygui_frame()
            times.add(started, (prepared - started) * 1000, (time.perf_counter() - prepared) * 1000)
        pace.wait()
