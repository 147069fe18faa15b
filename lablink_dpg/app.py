"""The composition root: Settings → an own simulator if one is wanted, a session, a run of it → exit code.

The simulator is started before anything is imported that takes its time, because it has as much to import itself.
"""

from __future__ import annotations

import gc
import logging
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from lablink_dpg import interrupts, processors, prompt
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.exit_code import ExitCode
from lablink_dpg.preferences import file
from lablink_dpg.preferences.file import Loaded
from lablink_dpg.preferences.keeper import Keeper
from lablink_dpg.settings import Settings
from lablink_dpg.turn import work_in_the_background

if TYPE_CHECKING:
    from lablink_dpg.session import Session
    from lablink_dpg.sim.process import SimProcess

log = logging.getLogger(__name__)

OUTAGE_S = 10.0  # the stress run's server has so much of each channel to fetch later, at any rate


def run(settings: Settings, loaded: Loaded | None = None) -> int:
    """Everything between the command line and the exit code. ``loaded``: what was kept from earlier runs."""
    if loaded is None or settings.tour is not None:  # the same pictures whatever this user has arranged
        loaded = Loaded()
    if not settings.headless:
        from lablink_dpg.gui.display import display_problem

        problem = display_problem()
        if problem is not None:
            print(f"lablink-dpg: {problem}", file=sys.stderr)  # noqa: T201 - one line for the person who typed
            return ExitCode.NO_DISPLAY
    with ExitStack() as stack:
        simulator: SimProcess | None = None
        if settings.streams is not None:
            with interrupts.held():
                from lablink_dpg.sim.process import SimStartError

            simulator = _simulator(settings, stack)
        gc.disable()  # it would walk what is imported again and again, and find nothing; until the run has settled
        stack.callback(gc.enable)
        with interrupts.held():
            _import_the_rest(settings)
        if simulator is not None:
            try:
                simulator.wait()
            except SimStartError as error:
                log.error("%s", error)
                return ExitCode.FAILED
        from lablink_dpg.run import run_session

        return run_session(settings, _session(settings, loaded, simulator), simulator)


def _simulator(settings: Settings, stack: ExitStack) -> SimProcess:
    """On its way up, on a processor of its own where there are few, until the stack is closed."""
    from lablink_dpg.sim import DEFAULT_BUFFER
    from lablink_dpg.sim.process import SimProcess

    assert settings.streams is not None
    simulator = SimProcess(
        streams=settings.streams,
        rate_hz=settings.rate_hz,
        channels=settings.channels,
        seed=settings.seed,
        buffer_size=max(DEFAULT_BUFFER, round(settings.rate_hz * OUTAGE_S)),
        token=settings.token,
        ws_port=settings.ws_port,
        faults=settings.faults,
        extra_arguments=simulator_words(settings),
    )
    stack.callback(simulator.stop)
    simulator.launch()
    work_in_the_background(simulator.pid)
    stack.enter_context(processors.apart_from(simulator.pid, is_drawing=not settings.headless))
    return simulator


def simulator_words(settings: Settings) -> list[str]:
    """What a stress run's simulator is told beside numbers."""
    from lablink_dpg.sim import needs_loops

    words = [] if settings.headless else ["--lively"]  # somebody looks at its panels
    if needs_loops(settings.streams or 0, settings.channels, settings.rate_hz):
        words.append("--loop")
    return words


def _import_the_rest(settings: Settings) -> None:
    """What a run needs, while its simulator starts."""
    from lablink_dpg import run  # noqa: F401

    if not settings.headless:
        from lablink_dpg.gui import window  # noqa: F401


def _session(settings: Settings, loaded: Loaded, simulator: SimProcess | None) -> Session:
    """Not begun. Raises SettingsError where nobody can type the password that is needed."""
    from lablink_dpg.clock import AxisClock
    from lablink_dpg.session import Session

    servers, ws_port = settings.servers, settings.ws_port
    if simulator is not None:
        servers, ws_port = (simulator.url,), simulator.ws_port
    kept_ports = settings.ws_ports or (None,) * len(servers)
    addresses = [parse_address(server, ws_port or kept) for server, kept in zip(servers, kept_ports, strict=True)]
    options = LinkOptions(
        mode=settings.mode,
        wire=settings.wire,
        interval_ms=settings.interval_ms,
        backoff_max_s=settings.retry_max_s,
        token=settings.token or "",
        user=settings.user or "",
        password=prompt.password(settings, [address.shown for address in addresses]),
        remember=settings.remember,
        is_insecure=settings.insecure,
        ca_file=settings.ca_file,
    )
    used = replace(
        loaded.preferences,
        mode=settings.mode,
        wire=settings.wire,
        fps=settings.fps,
        window_s=settings.window_s,
        history=settings.history,
        storage=settings.storage,
        notifications=settings.notifications,
    )
    # What a tour arranges is nobody's wish.
    keeper = Keeper(used, None if settings.tour else file.save, str(file.place()))
    session = Session(addresses, options, settings.history, AxisClock(), keeper, settings.storage)
    for problem in loaded.problems:  # the log has them already
        session.notices.say(problem, session.now_us(), is_problem=True)
    return session
