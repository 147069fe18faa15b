"""Several servers in one session, over loopback: names, keys, sums, and that one in trouble leaves the other alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lablink_dpg.model.commands import ReconnectNow, SetMode
from lablink_dpg.model.link import LinkEvent, LinkState, Mode
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.session import Session, connect
from lablink_dpg.sim.process import SimProcess
from tests.session.test_session import until, view_of

FRAME_S = 0.02


@contextmanager
def two_servers() -> Iterator[tuple[SimProcess, SimProcess]]:
    """With the same acquisitions under the same ids."""
    with SimProcess(streams=2, rate_hz=500.0) as first, SimProcess(streams=2, rate_hz=500.0) as second:
        yield first, second


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[SimProcess, SimProcess]]:
    """For tests that leave them as they found them."""
    with two_servers() as servers:
        yield servers


@pytest.fixture
def own_pair() -> Iterator[tuple[SimProcess, SimProcess]]:
    """For tests that do something to them."""
    with two_servers() as servers:
        yield servers


def frames(session: Session, seconds: float) -> None:
    """What a display does, for so long."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        session.drain()
        session.frame(view_of(session))
        time.sleep(FRAME_S)


def test_streams_of_several_servers_are_told_apart_by_key_and_by_name(pair: tuple[SimProcess, SimProcess]) -> None:
    with connect(pair[0].url, pair[1].url) as session:
        until(lambda: len(session.series) == 4 and all(line.received for line in session.stream_lines()))
        names = [server.name for server in session.servers]
        lines = session.stream_lines()
        assert [line.stream for line in lines] == list(session.series)
        ports = [name.removeprefix("127.0.0.1") for name in names]
        assert [line.name.split("/")[0] for line in lines] == [ports[0], ports[0], ports[1], ports[1]]
        assert len({line.stream for line in lines}) == 4
        own = list(session.servers[1].store.series)
        assert [line.stream for line in lines[2:]] == [f"{names[1]}/{name}" for name in own]
        known = session.series
        frames(session, 0.5)
        assert session.series is known, "made anew only when a stream comes or goes"
        frame = session.frame(view_of(session))
        assert [plot.key for plot in frame.plots] == list(session.series)
        assert all(plot.traces for plot in frame.plots)
        assert {event.server for event in session.events()} == set(names)
    whole = session.counters()
    assert whole.received == sum(server.counters().received for server in session.servers)
    assert all(server.counters().received for server in session.servers)
    assert session.latency().percentile(50) is not None
    assert all(server.latency.percentile(50) is not None for server in session.servers)


def test_a_stream_of_one_server_alone_keeps_its_plain_name(pair: tuple[SimProcess, SimProcess]) -> None:
    with connect(pair[0].url) as session:
        until(lambda: len(session.series) == 2)
        assert list(session.series) == list(session.servers[0].store.series)
        assert not any("/" in line.name for line in session.stream_lines())


def test_a_server_that_freezes_disturbs_neither_the_other_nor_the_end(own_pair: tuple[SimProcess, SimProcess]) -> None:
    """Frozen, its sockets stay open and nothing answers: everything that waits for it has to give up by itself."""
    with connect(own_pair[0].url, own_pair[1].url) as session:
        until(lambda: len(session.series) == 4 and all(line.received for line in session.stream_lines()))
        frames(session, 1.0)
        well, frozen = session.servers
        os.kill(own_pair[1].pid, signal.SIGSTOP)
        try:
            before = well.counters().received
            began = time.monotonic()
            frames(session, 3.0)
            got, took = well.counters().received - before, time.monotonic() - began
            lines = session.stream_lines()
            stopping = time.monotonic()
            session.stop()
            assert time.monotonic() - stopping < 2.0
        finally:
            os.kill(own_pair[1].pid, signal.SIGCONT)
    assert got > 0.8 * 2 * 500 * took
    assert (well.counters().lost, well.status.counters.reconnects) == (0, 0)
    assert [line.is_old for line in lines] == [False, False, True, True]
    assert all(line.age_ms and line.age_ms > 2000 for line in lines[2:])
    p99, frozen_p50 = well.latency.percentile(99), frozen.latency.percentile(50)
    assert p99 is not None
    assert p99 < 500, "as before; the frozen server's samples do not count here"
    assert frozen_p50 is not None


def test_a_server_that_is_killed_disturbs_neither_the_other_nor_the_end(
    own_pair: tuple[SimProcess, SimProcess],
) -> None:
    with connect(own_pair[0].url, own_pair[1].url) as session:
        until(lambda: len(session.series) == 4 and all(line.received for line in session.stream_lines()))
        os.kill(own_pair[0].pid, signal.SIGKILL)
        until(lambda: session.links()[0].state not in (LinkState.STREAMING, LinkState.POLLING))
        before = session.servers[1].counters().received
        frames(session, 1.0)
        assert session.servers[1].counters().received - before > 500
        assert session.links()[1].state is LinkState.STREAMING
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 2.0
    assert session.servers[1].counters().lost == 0
    assert session.servers[0].last_status.state is not LinkState.CLOSED, "how it stood, not how it was ended"


def test_a_server_that_floods_costs_the_other_nothing(own_pair: tuple[SimProcess, SimProcess]) -> None:
    """Eight times as many messages as were asked for: its own thread has to cope, in the time that is left."""
    with connect(own_pair[0].url, own_pair[1].url) as session:
        until(lambda: len(session.series) == 4 and all(line.received for line in session.stream_lines()))
        frames(session, 0.5)
        well, flooding = session.servers
        received, messages = well.counters().received, flooding.status.counters.messages
        own_pair[1].fault("flood:8")
        began = time.monotonic()
        frames(session, 3.0)
        took = time.monotonic() - began
        got, flood = well.counters().received - received, flooding.status.counters.messages - messages
    assert flood > 2 * 2 * 20 * took, "two streams of twenty messages a second were asked for"
    assert got > 0.7 * 2 * 500 * took
    assert (well.counters().lost, well.status.counters.reconnects) == (0, 0)
    median = well.latency.percentile(50)
    assert median is not None
    assert median < 500


def test_the_quickest_server_decides_how_far_the_edge_is_behind() -> None:
    """One that is polled would hold back the samples of the other until its own next poll."""
    with (
        SimProcess(streams=1) as first,
        SimProcess(streams=1) as second,
        connect(first.url, second.url) as session,
    ):
        until(lambda: all(link.state is LinkState.STREAMING for link in session.links()))
        session.send(SetMode(Mode.POLLING), session.servers[0].name)
        until(lambda: session.links()[0].state is LinkState.POLLING)
        assert session.links()[1].state is LinkState.STREAMING, "the other was not asked"
        frame = session.frame(View(TimeView(1_000_000), ()))
        assert frame.now_us - frame.right_us == session.servers[1].lag_us < session.servers[0].lag_us


def test_a_command_goes_to_all_servers_or_to_the_one_that_is_named(pair: tuple[SimProcess, SimProcess]) -> None:
    with connect(pair[0].url, pair[1].url) as session:
        until(lambda: all(link.state is LinkState.STREAMING for link in session.links()))
        names = [server.name for server in session.servers]

        def asked() -> list[str]:
            return [event.server for event in session.events() if "reconnect asked for" in event.text]

        session.send(ReconnectNow(), names[1])
        until(lambda: asked() == [names[1]])
        session.send(ReconnectNow())
        until(lambda: sorted(asked()) == sorted([names[1], *names]))


def test_a_server_twice_or_none_is_no_session() -> None:
    for servers in ((), ("lab", "http://lab:8000")):
        with pytest.raises(ValueError, match="each of them once"):
            connect(*servers)


def test_handlers_hear_of_every_server_on_the_thread_that_drains(pair: tuple[SimProcess, SimProcess]) -> None:
    heard: list[tuple[str, LinkEvent]] = []
    session = connect(pair[0].url, pair[1].url)
    end = session.on(LinkEvent, lambda server, event: heard.append((server, event)))
    with session:
        until(lambda: session.drain() >= 0 and {server for server, _ in heard} == {s.name for s in session.servers})
        assert all(event.server == server for server, event in heard)
        end()
        known = len(heard)
    assert len(heard) == known


def test_a_view_of_another_sessions_streams_shows_nothing() -> None:
    session = connect("127.0.0.1:9", "127.0.0.1:10")
    view = View(TimeView(1_000_000), (PlotRequest("gone/acq", (TraceRequest("gone/acq", "CH1"),), 100),))
    assert session.frame(view).plots[0].traces == ()
    session.stop()
