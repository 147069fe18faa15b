"""The frame loop: callbacks, then our work, then the library's drawing, then sleep until the next turn.

While nothing changes most turns make no frame, see ``pace``, and one that has changed nothing is not drawn. While the
window is minimised nothing is prepared or drawn, and such turns are no frames: see ``gui.minimised``.
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


def run_callbacks(errors: OnceLogger) -> bool:
    """Run what the user did since the last frame; an error in one neither stops the others nor the window.

    Returns whether there was something.
    """
    has_run = False
    for job in dpg.get_callback_queue() or ():
        if job[0] is None:
            continue
        has_run = True
        try:
            dpg.run_callbacks([job])
        except Exception as error:
            errors.report("a callback of the window", error)
    return has_run


def run(
    step: Callable[[], bool],
    should_stop: Callable[[], bool],
    news: Callable[[], object],
    rest: Callable[..., None],
    pace: Pace,
    times: FrameTimes,
) -> None:
    """Draw until the window is closed or ``should_stop``. Main thread.

    ``step`` is timed as "prepare" and tells whether it has changed what is on the screen. ``should_stop`` and ``news``
    are asked once a second at least, and whenever a rest ends, whether there is something to draw or not, minimised or
    not. ``rest`` is that of ``gui.source``.
    """
    errors = OnceLogger()
    watch, desktop = MinimisedWatch(), DesktopWatch()

    def rest_of_turn(seconds: float) -> None:
        assert desktop.descriptor is not None
        if not desktop.has_something_to_tell():  # what came with the last frame is not at the descriptor any more
            rest(seconds, desktop.descriptor)

    is_touched = False
    while dpg.is_dearpygui_running() and not should_stop():
        is_touched |= run_callbacks(errors)
        if pace.is_due(news(), is_touched=is_touched or desktop.has_something_to_tell()):
            if watch.is_minimised():
                if watch.is_closed_meanwhile():
                    break
            else:
                _make_frame(step, errors, times, is_drawn_anyway=not pace.is_idle)
                if pace.is_idle:
                    times.rested()
        is_touched = pace.is_idle and run_callbacks(errors)  # what the user did amid a frame waits for no rest to end
        pace.wait(None if desktop.descriptor is None or is_touched else rest_of_turn)


def _make_frame(step: Callable[[], bool], errors: OnceLogger, times: FrameTimes, *, is_drawn_anyway: bool) -> None:
    started = time.perf_counter()
    is_changed = True
    try:
        is_changed = step()
    except Exception as error:
        errors.report("a frame", error)
    if is_changed or is_drawn_anyway:
        prepared = time.perf_counter()
        dpg.render_dearpygui_frame()
        times.add(started, (prepared - started) * 1000, (time.perf_counter() - prepared) * 1000)
