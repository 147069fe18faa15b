"""Servers that come and go while a session runs: what stays is left alone, what goes leaves nothing but its counts."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lablink_dpg import report
from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.commands import WatchTopics
from lablink_dpg.model.link import LinkState
from lablink_dpg.model.orders import Discover
from lablink_dpg.preferences import Server
from lablink_dpg.session import Session, connect
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.times import FrameTimes
from lablink_dpg.verify import Verifier
from tests.session.test_servers import frames
from tests.session.test_session import until, view_of

SHORT_S = 0.05  # longer is seen as a stutter


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[SimProcess, SimProcess]]:
    with SimProcess(streams=2, rate_hz=500.0) as first, SimProcess(streams=2, rate_hz=500.0) as second:
        yield first, second


def watch(session: Session, *urls: str) -> float:
    """How long it took."""
    began_s = time.monotonic()
    session.watch([parse_address(url) for url in urls])
    return time.monotonic() - began_s


def links_running() -> int:
    return sum(thread.name == "lablink-net" for thread in threading.enumerate())


def all_in(session: Session, streams: int) -> None:
    def are_there() -> bool:
        session.drain()
        session.frame(view_of(session))
        return len(session.series) == streams and all(line.received for line in session.stream_lines())

    until(are_there)


def test_a_server_is_added_and_the_other_goes_on_under_the_same_keys(pair: tuple[SimProcess, SimProcess]) -> None:
    with connect(pair[0].url) as session:
        all_in(session, 2)
        (first,) = session.servers
        keys, news = list(session.series), session.news()
        assert watch(session, pair[0].url, pair[1].url) < SHORT_S
        assert session.news() != news
        assert session.servers[0] is first
        assert list(session.series) == keys, "what is chosen and zoomed by key stays so"
        all_in(session, 4)
        assert list(session.series)[:2] == keys
        assert [line.stream for line in session.stream_lines()] == list(session.series)
        assert len({line.name.split("/")[0] for line in session.stream_lines()}) == 2, "names tell them apart now"
        frames(session, 0.5)
        assert all(server.latency.percentile(50) is not None for server in session.servers)
        assert first.status.counters.reconnects == first.counters().lost == 0
        watch(session, pair[0].url)
        assert [line.name for line in session.stream_lines()] == [
            series.info.name for series in first.store.series.values()
        ]
        assert list(session.series) == keys


def test_a_server_is_replaced_and_its_counts_stay_in_the_sums(pair: tuple[SimProcess, SimProcess]) -> None:
    with connect(pair[0].url) as session:
        all_in(session, 2)
        frames(session, 0.5)
        (first,) = session.servers
        assert watch(session, pair[1].url) < SHORT_S
        assert first not in session.servers
        all_in(session, 2)
        until(lambda: session.drain() >= 0 and not session.all_servers[1:])
        assert links_running() == 1
        assert session.former.servers == 1
        assert session.former.counters.received == first.counters().received > 0
        assert session.counters().received > session.former.counters.received
        assert session.latency().percentile(50) is not None
        assert {event.server for event in session.events()} >= {first.name, session.servers[0].name}
        before = session.former.link.messages
        frames(session, 0.3)
    content = report.build(session, None, duration_s=1.0, times=FrameTimes(), fps=0.0, cpu_s=0.0)
    assert content["former"]["servers"] == 1
    assert content["former"]["messages"] == before
    assert [each["server"] for each in content["servers"]] == [session.servers[0].name]
    for name in ("messages", "bytes"):
        assert content[name] == content["servers"][0][name] + content["former"][name]
    samples = content["servers"][0]["samples"]["received"] + content["former"]["samples"]["received"]
    assert content["samples"]["received"] == samples
    assert content["link"]["state_s"]["streaming"] > content["servers"][0]["link"]["state_s"]["streaming"]


def test_a_frozen_server_is_let_go_without_waiting_for_it() -> None:
    with SimProcess(streams=1) as frozen, SimProcess(streams=1) as well, connect(frozen.url) as session:
        all_in(session, 1)
        os.kill(frozen.pid, signal.SIGSTOP)
        try:
            assert watch(session, well.url) < SHORT_S
            all_in(session, 1)
            until(lambda: session.drain() >= 0 and session.former.servers == 1)
        finally:
            os.kill(frozen.pid, signal.SIGCONT)


def test_to_and_fro_all_the_time_is_bounded_and_ends_well(pair: tuple[SimProcess, SimProcess]) -> None:
    refused = 0
    with connect(pair[0].url) as session:
        for number in range(60):
            try:
                watch(session, pair[number % 2].url)
            except ValueError:  # too many are still being closed
                refused += 1
            session.drain()
            session.frame(view_of(session))
            assert links_running() <= 17 + 8
        watched = [server.name for server in session.servers]
        assert refused or session.former.servers
        until(lambda: session.drain() >= 0 and len(session.all_servers) == 1)
        assert watched == [server.name for server in session.servers]
        all_in(session, 2)
    assert links_running() == 0


def test_the_end_of_a_session_ends_links_that_are_still_being_closed(pair: tuple[SimProcess, SimProcess]) -> None:
    with connect(pair[0].url) as session:
        all_in(session, 2)
        watch(session, pair[1].url)
    assert links_running() == 0
    assert session.former.servers == 1
    assert session.counters().received >= session.former.counters.received > 0


def test_what_cannot_be_watched_is_refused_in_one_line_and_changes_nothing(pair: tuple[SimProcess, SimProcess]) -> None:
    with connect(pair[0].url) as session:
        (first,) = session.servers
        for wrong, said in (
            ([], "needs servers"),
            ([Server("lab"), Server("http://lab:8000")], "each of them once"),
            ([Server(f"lab{number}") for number in range(9)], "9 servers, at most 8"),
            ([Server("http://[")], "cannot be read"),
            ([Server("ada:secret@lab")], "does not belong into the server address"),
            ([Server("lab", 70_000)], "WebSocket port 70000"),
        ):
            with pytest.raises(ValueError, match=said) as raised:
                session.watch_typed(wrong)
            assert "\n" not in str(raised.value)
            assert "secret" not in str(raised.value)
        assert session.servers == (first,)
        news = session.news()
        session.watch_typed(session.watched)
        assert session.servers == (first,), "the same again is nothing new"
        assert session.news() // 2**48 == news // 2**48


def test_another_port_of_the_websocket_is_another_link(pair: tuple[SimProcess, SimProcess]) -> None:
    with connect(pair[0].url) as session:
        all_in(session, 2)
        (first,) = session.servers
        (server,) = session.watched
        assert server.ws_port is None
        session.watch_typed([server._replace(ws_port=9)])
        assert session.servers[0] is not first
        assert session.watched[0].ws_port == 9
        until(lambda: session.links()[0].state is LinkState.POLLING)
        all_in(session, 2)
        assert set(session.series) == set(first.store.series), "under the same names, from another store"


def test_only_servers_of_the_start_are_given_the_secrets() -> None:
    options = LinkOptions(token="s3cret", user="ada")
    session = Session([parse_address("lab")], options, 1000, AxisClock())
    given = []
    session.watch([parse_address("lab"), parse_address("other")])
    for server in session.servers:
        given.append(server.network.options.token)
    assert given == ["s3cret", ""]
    session.watch([parse_address("other")])
    session.watch([parse_address("lab")])
    assert session.servers[0].network.options.token == "s3cret"
    session.stop()


def test_a_session_that_is_not_started_can_be_told_what_to_watch() -> None:
    session = connect("127.0.0.1:9")
    session.watch([parse_address("127.0.0.1:10")])
    assert [link.server for link in session.links()] == ["127.0.0.1:10"]
    assert session.links()[0].state is LinkState.IDLE
    assert links_running() == 0
    session.stop()


def test_samples_are_compared_from_their_beginning_where_a_server_comes_back(
    pair: tuple[SimProcess, SimProcess],
) -> None:
    verifier = Verifier()
    with connect(pair[0].url) as session:
        all_in(session, 2)
        frames(session, 0.5)
        verifier.step(session, 10**9)
        watch(session, pair[1].url)
        all_in(session, 2)
        watch(session, pair[0].url)
        all_in(session, 2)
        frames(session, 0.5)
    verifier.finish(session)
    assert verifier.mismatched == 0
    assert verifier.skipped >= 0
    assert verifier.verified > 0


def test_preferences_are_those_of_the_keeper(pair: tuple[SimProcess, SimProcess]) -> None:
    session = connect(pair[0].url)
    session.change_preferences(replace(session.preferences, fps=20.0))
    assert session.keeper.preferences.fps == 20.0
    assert session.preferences_place == ""
    session.stop()


def test_an_order_for_a_server_that_is_gone_is_told(pair: tuple[SimProcess, SimProcess]) -> None:
    session = connect(pair[0].url)
    session.send(Discover(), "gone:8000")
    (notice,) = session.notices.shown(session.now_us())
    assert notice.text.startswith("gone:8000 is not among the servers")
    assert notice.is_problem
    session.send(Discover(), session.servers[0].name)
    session.send(WatchTopics(frozenset()))
    assert session.notices.shown(session.now_us()) == (notice,)
    session.stop()
