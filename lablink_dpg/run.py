"""One run, from the first look at a server to its verdict: what is due between frames, and the order of its end.

Stopping goes the other way round than starting, and each step happens although the one before it failed: display, link,
last comparison, report.
"""

from __future__ import annotations

import gc
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING

from lablink_dpg import __version__, headless, interrupts, process, report
from lablink_dpg.model.exit_code import ExitCode
from lablink_dpg.model.link import LinkNeed, LinkState
from lablink_dpg.notify.desktop import Desktop
from lablink_dpg.notify.herald import Herald
from lablink_dpg.preferences import Server
from lablink_dpg.preferences.values import with_recent
from lablink_dpg.session import Session
from lablink_dpg.settings import Settings
from lablink_dpg.times import FrameTimes
from lablink_dpg.turn import short_turns
from lablink_dpg.verify import Verifier

if TYPE_CHECKING:
    from lablink_dpg.gui.tour import Stage
    from lablink_dpg.sim.process import SimProcess

log = logging.getLogger(__name__)

TIDY_S = 0.5  # at least between two looks at what is due without news: preferences to be written, summaries to be told
VERIFY_PER_FRAME = 65_536  # channel samples compared between two frames: 2 M a second at 30 fps, 2 ms of a frame


class _Run:
    """One run: asked once a frame whether it is over, it does what is due between frames."""

    def __init__(self, settings: Settings, session: Session, herald: Herald) -> None:
        self.settings = settings
        self.session = session
        self.herald = herald
        self.verifier = Verifier() if settings.verify else None
        self._news = -1  # as the session had it when things were last looked after
        self._tidy_due_s = 0.0
        self.is_ended = False  # by a signal
        self.problem: str | None = None  # why it cannot go on
        self._started_s = time.monotonic()
        if settings.duration_s is not None:
            session.ends_s = self._started_s + settings.duration_s
        # An own simulator is on another port each time: what is no use at the next start is not kept.
        self._unkept = frozenset(session.watched) if settings.streams is not None else frozenset[Server]()
        self._answered: set[Server] = set()  # of those watched now

    def should_stop(self) -> bool:
        self.session.drain()
        self._settle()
        self._tidy()
        if self.verifier is not None:
            self.verifier.step(self.session, VERIFY_PER_FRAME)
        if self.settings.headless and self._waits_in_vain():
            return True
        duration_s = self.settings.duration_s
        return self.is_ended or (duration_s is not None and self.elapsed_s >= duration_s)

    def _settle(self) -> None:
        """Once the links have imported all that they need: a full collection would walk it in the middle of a frame.

        Until then the collector rests, see ``app``.
        """
        if not gc.isenabled() and all(link.state is not LinkState.IDLE for link in self.session.links()):
            gc.freeze()
            gc.enable()

    def _tidy(self) -> None:
        """What follows from what servers have told and people have chosen: at once if there is news, else at times."""
        now_s, news = time.monotonic(), self.session.news()
        if news == self._news and now_s < self._tidy_due_s:
            return
        self._news, self._tidy_due_s = news, now_s + TIDY_S
        self.herald.is_on = self.session.preferences.notifications
        self.herald.step(self.session.books(), now_s)
        self._remember()
        for problem in self.session.keeper.tick(now_s):
            self.say(problem)

    def _remember(self) -> None:
        """Servers that have answered are worth to be found again, and those watched then to be the next start's."""
        watched = self.session.watched
        answered = {
            server for server, link in zip(watched, self.session.links(), strict=True) if link.server_version
        } - self._unkept
        new, is_changed = answered - self._answered, answered != self._answered
        self._answered = answered
        if answered and is_changed:
            before = self.session.preferences
            last = tuple(server for server in watched if server not in self._unkept)
            recent = with_recent(before.recent_servers, *(server for server in last if server in new))
            self.session.change_preferences(replace(before, last_servers=last, recent_servers=recent))

    def say(self, problem: str) -> None:
        """In the log and, where there is one, in the window."""
        log.warning("%s", problem)
        self.session.notices.say(problem, self.session.now_us(), is_problem=True)

    def _waits_in_vain(self) -> bool:
        """Whether every server wants a password, nobody can be asked for one, and nothing has ever been shown."""
        links = self.session.links()
        if self.session.series or not all(
            link.needs is not LinkNeed.NOTHING and link.state is LinkState.WAITING for link in links
        ):
            return False
        self.problem = "; ".join(f"{link.server}: {link.needs_why}" for link in links)
        return True

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._started_s

    def end(self, _number: int, _frame: FrameType | None) -> None:
        self.is_ended = True
        self.session.wake()


def run_session(settings: Settings, session: Session, simulator: SimProcess | None) -> int:
    """From its start to its end; the exit code. ``session`` is not begun yet, ``simulator`` outlives it."""
    cpu_before_s = time.process_time()
    desktop = Desktop()
    this_run = _Run(settings, session, Herald(desktop.send, is_on=settings.notifications))
    times = FrameTimes()
    problem: str | None = None
    with _signals_to(this_run), short_turns():
        session.start()
        try:
            if settings.headless:
                headless.run(session, this_run.should_stop, settings.fps, round(settings.window_s * 1e6), times)
                problem = this_run.problem
            else:
                times, problem = _run_window(settings, session, this_run, simulator)
        finally:
            duration_s = this_run.elapsed_s
            desktop.stop()
            session.stop()
            for warning in session.keeper.close():  # no reason for a measurement to have failed
                log.warning("%s", warning)
        verifier = this_run.verifier
        if verifier is not None:
            verifier.finish(session)
    fps = times.frames / duration_s if duration_s > 0 else 0.0
    cpu_s = time.process_time() - cpu_before_s
    if settings.report is not None:
        begun_s = time.perf_counter() - process.age_s()
        content = report.build(
            session,
            verifier,
            duration_s=duration_s,
            times=times,
            fps=fps,
            cpu_s=cpu_s,
            first_frame_s=None if times.first_ended_s is None else times.first_ended_s - begun_s,
        )
        try:
            report.write(content, settings.report)
        except OSError as error:
            problem = f"--report {settings.report}: {error.strerror}"
    return _verdict(verifier, problem)


def _run_window(
    settings: Settings, session: Session, this_run: _Run, simulator: SimProcess | None
) -> tuple[FrameTimes, str | None]:
    from lablink_dpg.gui.window import Window
    from lablink_dpg.gui.window_options import SERVERS_IN_TITLE, WindowOptions

    options = WindowOptions(
        fps=settings.fps,
        span_us=round(settings.window_s * 1e6),
        title=f"LabLink {SERVERS_IN_TITLE} · lablink-dpg {__version__}",
        user=settings.user or "",
        remember=settings.remember,
        screenshot=settings.screenshot,
    )
    window = Window(session, options)
    if settings.tour is None:
        result = window.run(this_run.should_stop)
        return window.times, result.screenshot_problem
    from lablink_dpg.gui.tour import Tour

    tour = Tour(window, session, settings.tour, None if simulator is None else _stage(simulator))
    problem: str | None = None

    def should_stop() -> bool:
        nonlocal problem
        try:
            is_over = this_run.should_stop() or tour.step(time.monotonic())
        except OSError as error:
            problem, is_over = f"--tour: {error}", True
        return is_over

    result = window.run(should_stop)
    if problem is None and not tour.is_over:
        problem = "--tour: it was ended before its last picture"
    return window.times, problem or result.screenshot_problem


def _stage(simulator: SimProcess) -> Stage:
    """What a tour can have its own simulator do."""
    from lablink_dpg.gui.tour import Cue
    from lablink_dpg.sim import backstage

    acts = {Cue.ALARM: backstage.raise_alarms, Cue.GONE: backstage.go_away}
    return lambda cue: acts[cue](simulator)


def _verdict(verifier: Verifier | None, problem: str | None) -> int:
    if problem is not None:
        log.error("%s", problem)
        return ExitCode.FAILED
    if verifier is None:
        return ExitCode.OK
    if verifier.mismatched:
        log.error("--verify: %d of %d samples differ", verifier.mismatched, verifier.verified + verifier.mismatched)
        return ExitCode.FAILED
    if verifier.skipped:
        log.warning(
            "--verify: %d samples could not be compared: their numbers are not certain, or their channel had no value",
            verifier.skipped,
        )
    if not verifier.verified and verifier.skipped:
        log.error("--verify: nothing was verified, no sample's number is certain")
        return ExitCode.FAILED
    if not verifier.verified:
        log.error("--verify: nothing was verified, the server names no known signal or sent no samples")
        return ExitCode.FAILED
    return ExitCode.OK


@contextmanager
def _signals_to(this_run: _Run) -> Iterator[None]:
    """SIGINT and SIGTERM end the run as --duration does, report included; a second SIGINT is not waited for."""

    def end(number: int, frame: FrameType | None) -> None:
        if this_run.is_ended:
            raise KeyboardInterrupt
        this_run.end(number, frame)

    before = {number: signal.signal(number, end) for number in interrupts.SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
