"""What the display is told of a server, over loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.commands import ReconnectNow
from lablink_dpg.model.link import LinkState, Mode
from lablink_dpg.model.messages import Reading
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.session import Session
from lablink_dpg.session.lines import STALE_US
from lablink_dpg.session.server import MAX_LAG_US
from lablink_dpg.sim.process import SimProcess


def until(condition: Callable[[], object], within_s: float = 20.0) -> None:
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimProcess]:
    with SimProcess(streams=2, rate_hz=500.0) as running:
        yield running


def session_with(simulator: SimProcess, **options: object) -> Session:
    return Session([parse_address(simulator.url)], LinkOptions(**options), 10_000, AxisClock())  # type: ignore[arg-type]


def view_of(session: Session) -> View:
    plots = tuple(
        PlotRequest(key, tuple(TraceRequest(key, name) for name in series.channels), 300)
        for key, series in session.series.items()
    )
    return View(TimeView(2_000_000), plots)


def test_a_running_server_is_told_by_name_rate_and_latency(simulator: SimProcess) -> None:
    session = session_with(simulator)
    session.start()
    try:

        def has_latency() -> bool:
            if len(session.series) == 2:
                session.frame(view_of(session))
            return all(line.latency_ms and line.rate_hz for line in session.stream_lines()) and bool(session.series)

        until(has_latency)
        lines = session.stream_lines()
        assert len({line.name for line in lines}) == 2
        assert all(line.received > 0 and line.lost == 0 for line in lines)
        assert session.total_rate() > 0
        assert session.memory_mb() > 10
        kept = sum(series.ring.head - series.ring.oldest for series in session.series.values())
        newest_chunks = 2 * 36_000  # bytes; that they are there at once does not matter in a history that is full
        assert 8 < session.bytes_per_sample() < 18 + newest_chunks / kept
        assert [link.state for link in session.links()] == [LinkState.STREAMING]
        assert any("acquisition" in event.text for event in session.events())
    finally:
        session.stop()
    assert session.counters().received > 0


def test_the_latency_of_a_stream_that_has_died_grows_instead_of_staying_as_it_was() -> None:
    clock_us = [0]

    class Clock(AxisClock):
        def now_us(self) -> int:
            return super().now_us() + clock_us[0]

    with SimProcess(streams=1, rate_hz=500.0) as simulator:
        session = Session([parse_address(simulator.url)], LinkOptions(), 10_000, Clock())
        session.start()
        try:

            def has_latency() -> bool:
                if session.series:
                    session.frame(view_of(session))
                return any(line.latency_ms for line in session.stream_lines())

            until(has_latency)
        finally:
            session.stop()
    clock_us[0] = 10 * STALE_US
    (line,) = session.stream_lines()
    assert line.latency_ms is not None
    assert line.latency_ms >= 9000


def test_readings_of_devices_reach_handlers_and_are_nothing_new_to_show() -> None:
    with SimProcess(streams=0) as simulator, session_with(simulator) as session:
        readings: list[Reading] = []
        session.on(Reading, lambda _, reading: readings.append(reading))

        def more(count: int) -> int:
            wanted = len(readings) + count
            until(lambda: session.drain() >= 0 and len(readings) >= wanted)
            return session.news()

        before = more(6)  # the link has told of itself what there is to tell
        assert more(6) == before
        session.send(ReconnectNow())
        until(lambda: session.drain() >= 0 and session.news() != before)


@pytest.mark.parametrize(("interval_ms", "lag_us"), [(20, 20_000), (300, 300_000), (60_000, MAX_LAG_US)])
def test_the_live_edge_is_an_interval_behind_now_and_never_far(
    simulator: SimProcess, interval_ms: int, lag_us: int
) -> None:
    session = session_with(simulator, interval_ms=interval_ms)
    frame = session.frame(View(TimeView(1_000_000), ()))
    assert frame.now_us - frame.right_us == lag_us


def test_while_it_polls_the_edge_waits_for_the_next_poll(simulator: SimProcess) -> None:
    session = session_with(simulator, mode=Mode.POLLING)
    session.start()
    try:
        until(lambda: session.links()[0].state is LinkState.POLLING)
        frame = session.frame(View(TimeView(1_000_000), ()))
        assert frame.now_us - frame.right_us == LinkOptions().poll_interval_ms * 1000
    finally:
        session.stop()


def test_each_acquisition_has_its_quality_and_what_is_held_of_it(simulator: SimProcess) -> None:
    session = session_with(simulator, interval_ms=20)
    session.start()
    try:
        until(lambda: [line for line in session.acquisition_lines() if line.jitter_ms is not None and line.held > 200])
        line = next(line for line in session.acquisition_lines() if line.held > 200)
        assert line.server == session.servers[0].name
        assert [each.line.stream for each in session.acquisition_lines()] == [x.stream for x in session.stream_lines()]
        assert line.total >= line.held
        assert line.held_s == line.held / 500.0
        assert line.capacity >= session.history() == 10_000
        assert line.full_bytes > line.held_bytes > 0
        assert line.info.mode == "continuous"
        assert line.info.created_at
    finally:
        session.stop()


def rested_s(session: Session, seconds: float) -> float:
    began_s = time.monotonic()
    session.rest(seconds)
    return time.monotonic() - began_s


def test_a_rest_ends_when_somebody_wakes_it_and_goes_on_no_longer_than_the_run() -> None:
    session = Session([parse_address("lab")], LinkOptions(), 1000, AxisClock())
    try:
        session.wake()
        assert rested_s(session, 20.0) < 10.0, "woken before it began"
        waker = threading.Timer(0.05, session.wake)
        waker.start()
        assert rested_s(session, 20.0) < 10.0
        waker.join()
        session.ends_s = time.monotonic() + 0.05
        assert rested_s(session, 20.0) < 10.0
        assert rested_s(session, 20.0) < 10.0, "it is over"
    finally:
        session.stop()
