"""Tests of lablink_dpg.link.network: whole links over loopback, from start to stop, and what crosses its thread."""

from __future__ import annotations

import logging
import socket
import threading
import time
from dataclasses import FrozenInstanceError

import pytest

from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.network import Network
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.commands import ReconnectNow, SetMode
from lablink_dpg.model.link import LinkState, Mode, StreamState
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.store.store import Store
from tests.link.lab import DEADLINE_S, Acquisition, Lab, until
from tests.link.running import IMPATIENT, Running, linked

TLS_HANDSHAKE = 22  # the kind of a client's first record


def test_streams_of_a_server_arrive_without_a_hole() -> None:
    with Lab(Acquisition("a"), Acquisition("b", 200.0, ("CH1", "CH2"))) as lab, linked(lab.url) as run:
        run.until_more("a", 300)
        run.until_more("b", 100)
        run.until_stream("a", StreamState.STREAMING)
        run.until_stream("b", StreamState.STREAMING)
        status = run.network.status
        assert status.state is LinkState.STREAMING
        assert status.server_version == "1.2.5"
        assert [device.equipment_id for device in status.equipment] == ["scope_1"]
        assert list(status.streams) == ["a", "b"]
    assert run.check_samples("a") >= 300
    assert run.check_samples("b") >= 50
    assert (run.lost("a"), run.lost("b")) == (0, 0)
    assert run.store.series["a"].server == parse_address(lab.url).shown


def test_the_simulator_is_streamed_without_loss() -> None:
    with SimProcess(streams=4, rate_hz=1000, channels=2, seed=3) as sim, linked(sim.url) as run:
        until(lambda: len(run.store.series) == 4)
        for name in run.store.series:
            run.until_more(name, 1000)
        counters = run.network.status.counters
        assert counters.messages > 0
        assert counters.bytes > 100 * counters.messages
        assert (counters.invalid_messages, counters.reconnects, counters.silent_streams) == (0, 0, 0)
        for name in run.store.series:
            run.until_nothing_is_missing(name)


def test_the_simulator_is_polled_without_loss() -> None:
    with SimProcess(streams=2, rate_hz=500, seed=3) as sim, linked(sim.url, mode=Mode.POLLING) as run:
        run.until_state(LinkState.POLLING)
        for name in run.store.series:
            run.until_more(name, 300)
            run.until_nothing_is_missing(name)


def test_a_websocket_port_of_its_own_is_used() -> None:
    with SimProcess(streams=1, ws_port=0) as sim:
        store = Store(10_000)
        network = Network(parse_address(sim.url, ws_port=sim.ws_port), IMPATIENT, store, AxisClock())
        network.start()
        until(lambda: network.status.state is LinkState.STREAMING)
        assert network.stop()


def test_a_server_that_is_absent_is_waited_for_and_found_when_it_appears() -> None:
    with Lab(Acquisition("a")) as lab:
        lab.stop()
        with linked(lab.url) as run:
            run.until_state(LinkState.WAITING)
            status = run.network.status
            assert "refused" in status.reason
            assert status.next_retry_us is not None
            assert 0 < status.next_retry_us - status.since_us <= 1e5
            lab.start()
            run.until_more("a")
            assert run.state is LinkState.STREAMING
            assert run.network.status.next_retry_us is None
            assert run.network.status.counters.reconnects == 0


def test_a_host_that_does_not_exist_is_named() -> None:
    with linked("no-such-host.invalid", rest_timeout_s=10.0) as run:
        run.until_state(LinkState.WAITING)
        assert "'no-such-host.invalid' cannot be resolved" in run.network.status.reason


def test_reconnect_now_does_not_wait_for_the_backoff() -> None:
    with Lab(Acquisition("a")) as lab:
        lab.stop()
        with linked(lab.url, backoff_first_s=60.0, backoff_max_s=60.0) as run:
            run.until_state(LinkState.WAITING)
            lab.start()
            run.network.send(ReconnectNow())
            run.until_state(LinkState.STREAMING)


def test_reconnect_now_replaces_a_good_connection_as_well() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a")
        first = lab.sockets[0]
        run.network.send(ReconnectNow())
        until(lambda: lab.sockets and lab.sockets[0] is not first)
        run.until_more("a")
        assert run.network.status.counters.reconnects == 1


def test_the_mode_can_be_changed_at_run_time() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_state(LinkState.STREAMING)
        run.network.send(SetMode(Mode.POLLING))
        run.until_state(LinkState.POLLING)
        run.until_more("a")
        run.until_stream("a", StreamState.POLLED)
        assert run.network.status.mode is Mode.POLLING
        assert not lab.sockets
        run.network.send(SetMode(Mode.WEBSOCKET))
        run.until_state(LinkState.STREAMING)
        run.until_more("a")
        run.until_nothing_is_missing("a")
    run.check_samples("a")


@pytest.mark.parametrize("path", ["/api", "/api/equipment/list", "/api/acquisition/sessions", "/ws"])
def test_stop_is_quick_with_a_server_that_accepts_and_never_answers(path: str) -> None:
    with Lab(Acquisition("a")) as lab:
        lab.hangs.add(path)
        with linked(lab.url, LinkOptions()):  # linked() checks the time
            until(lambda: any(request.startswith(path) for request in lab.requests))


@pytest.mark.parametrize("mode", Mode)
def test_stop_amid_a_tls_handshake_leaves_no_socket_open(mode: Mode) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with linked(url, LinkOptions(), mode=mode):
            accepted = silent.accept()[0]
            accepted.settimeout(DEADLINE_S)
            hello = accepted.recv(4096)
        # What is left open for the garbage collector would fail this test as an unclosed socket.
        while accepted.recv(4096):
            pass
        accepted.close()
    assert hello[0] == TLS_HANDSHAKE


def test_stop_is_quick_while_waiting_and_while_connected() -> None:
    with Lab(Acquisition("a")) as lab:
        with linked(lab.url, LinkOptions()) as run:
            run.until_more("a")
        lab.stop()
        with linked(lab.url, LinkOptions()) as run:
            run.until_state(LinkState.WAITING)


def test_stop_before_start_and_stop_twice_are_harmless() -> None:
    network = Network(parse_address("127.0.0.1:1"), IMPATIENT, Store(1000), AxisClock())
    assert network.stop()
    assert network.stop()
    assert network.status.state is LinkState.CLOSED
    with pytest.raises(RuntimeError, match="started once"):
        network.start()


def test_a_network_is_started_once() -> None:
    with Lab() as lab, linked(lab.url) as run, pytest.raises(RuntimeError, match="started once"):
        run.network.start()


def test_commands_to_a_closed_network_do_nothing() -> None:
    with Lab() as lab, linked(lab.url) as run:
        pass
    run.network.send(ReconnectNow())
    assert run.network.stop()


def test_the_thread_is_named_and_gone_after_stop() -> None:
    with Lab() as lab:
        with linked(lab.url):
            assert "lablink-net" in {thread.name for thread in threading.enumerate()}
        assert "lablink-net" not in {thread.name for thread in threading.enumerate()}


def test_a_status_never_changes_once_it_was_read() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_stream("a", StreamState.STREAMING)
        status = run.network.status
        messages, streams = status.counters.messages, dict(status.streams)
        run.until_more("a", 200)
        assert (status.counters.messages, dict(status.streams)) == (messages, streams)
        with pytest.raises(FrozenInstanceError):
            status.state = LinkState.CLOSED  # type: ignore[misc]
        with pytest.raises(TypeError):
            status.streams["b"] = status.streams["a"]  # type: ignore[index]


@pytest.mark.parametrize("mode", list(Mode))
def test_the_token_is_in_no_status_event_or_log(mode: Mode, caplog: pytest.LogCaptureFixture) -> None:
    secret = "geheim-123"
    logging.getLogger("websockets.server").setLevel(logging.WARNING)  # the server's half is not ours
    with caplog.at_level(logging.DEBUG), Lab(Acquisition("a")) as lab:
        lab.answers["/api/equipment/list"] = (500, "application/json", b'{"detail": "bad token geheim-123"}')
        lab.refuse_socket = 403
        with linked(lab.url, token=secret, mode=mode) as run:
            until(lambda: run.state in (LinkState.POLLING, LinkState.WAITING))
            lab.refuse_socket = None
            run.until_more("a")
            until(lambda: any("equipment not listed" in text for text in run.texts), run.how_it_stands)
            statuses = [repr(run.network.status)]
        statuses.append(repr(run.network.status))
        shown = "\n".join([*statuses, *run.texts, caplog.text, repr(IMPATIENT)])
    assert "equipment not listed" in shown
    assert secret not in shown
    assert any(secret in header.get("Authorization", "") for header in lab.headers)


def test_a_hung_resolver_does_not_hold_up_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    released, asked = threading.Event(), threading.Event()

    def hang(*_: object) -> list[object]:
        asked.set()
        released.wait()
        return []

    monkeypatch.setattr("lablink_dpg.link.loop.socket.getaddrinfo", hang)
    try:
        run = Running("slow-resolver.example", LinkOptions())
        run.network.start()
        assert asked.wait(10)
        began_s = time.monotonic()
        assert run.network.stop()
        assert time.monotonic() - began_s < 1.0
    finally:
        released.set()
