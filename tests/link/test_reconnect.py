"""Tests of how a link comes back, with the options that a user has: each time is one that was promised."""

from __future__ import annotations

import time

import pytest

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import LinkState, Mode, StreamState
from tests.link.lab import Acquisition, Lab, until
from tests.link.running import linked

BACK_S = 1.0  # from a server's return until its streams come again
POLLING_S = 2.0  # from the loss of a WebSocket until everything is polled


@pytest.mark.parametrize("away_s", [0.3, 1.7])
def test_a_restarted_server_is_streamed_within_a_second_of_its_return(away_s: float) -> None:
    with Lab(Acquisition("a"), Acquisition("b", 200.0)) as lab, linked(lab.url, LinkOptions()) as run:
        run.until_more("a")
        run.until_more("b")
        lab.stop(1012)
        run.until_stream("a", StreamState.WAITING)
        stopped_s = time.monotonic()
        until(lambda: time.monotonic() > stopped_s + away_s)
        asked = lab.started[:2]
        lab.start()
        until(lambda: len(lab.started) == 4, run.how_it_stands, BACK_S)
        assert lab.started[2:] == asked, "with the same parameters"
        run.until_stream("a", StreamState.STREAMING)
        run.until_more("a")
        run.until_more("b")
        run.until_nothing_is_missing("a")
        run.until_nothing_is_missing("b")
        assert run.network.status.counters.reconnects == 1
    run.check_samples("a")
    run.check_samples("b")


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1009, 1011, 1012])
def test_a_connection_that_is_lost_is_made_again_at_once(code: int) -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url, LinkOptions()) as run:
        run.until_more("a")
        lab.close_sockets(code)
        until(lambda: len(lab.started) == 2, run.how_it_stands, BACK_S)
        run.until_more("a")
        assert run.state is LinkState.STREAMING
        assert run.network.status.counters.fallbacks == 0
        assert not any("waiting" in text for text in run.texts)
        run.until_nothing_is_missing("a")  # what was missed is fetched over REST
    run.check_samples("a")


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_websocket_that_is_refused_after_its_loss_means_polling(status: int) -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab, linked(lab.url, LinkOptions()) as run:
        run.until_more("a")
        run.until_more("b")
        lab.refuse_socket = status
        before = run.received("a"), run.received("b")
        lab.close_sockets(1000)
        until(lambda: run.state is LinkState.POLLING, run.how_it_stands, POLLING_S)
        until(lambda: run.received("a") > before[0] and run.received("b") > before[1], run.how_it_stands, POLLING_S)
        assert str(status) in run.network.status.reason
        assert run.network.status.counters.fallbacks == 1
        lab.refuse_socket = None
        until(lambda: run.state is LinkState.STREAMING, run.how_it_stands, BACK_S)
        run.until_more("a", 300)
        run.until_nothing_is_missing("a")
        run.until_nothing_is_missing("b")
    run.check_samples("a")


def test_a_handshake_that_hangs_means_polling_and_is_taken_when_it_is_answered() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url, LinkOptions()) as run:
        run.until_more("a")
        lab.hangs.add("/ws")
        before = run.received("a")
        lab.close_sockets(1000)
        until(lambda: run.received("a") > before + 100 and run.state is LinkState.POLLING, run.how_it_stands, POLLING_S)
        run.until_stream("a", StreamState.POLLED)
        lab.hangs.clear()
        until(lambda: run.state is LinkState.STREAMING, run.how_it_stands, BACK_S)
        run.until_more("a", 200)
        run.until_nothing_is_missing("a")
    run.check_samples("a")


def test_streams_that_are_known_do_not_wait_for_a_rest_that_is_slow() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url, LinkOptions()) as run:
        run.until_more("a")
        lab.hangs.update({"/api", "/api/acquisition/sessions", "/api/equipment/list"})
        lab.close_sockets(1012)
        until(lambda: len(lab.started) == 2, run.how_it_stands, BACK_S)
        run.until_more("a")
        run.until_stream("a", StreamState.STREAMING)


def test_a_rest_that_is_gone_is_shown_while_the_streams_go_on() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url, relist_s=0.05, rest_timeout_s=0.2, rest_silence_s=0.1) as run:
        run.until_more("a")
        lab.hangs.update({"/api", "/api/acquisition/sessions", "/api/equipment/list"})
        until(lambda: run.network.status.rest_reason)
        assert "no answer" in run.network.status.rest_reason
        run.until_more("a")
        assert run.state is LinkState.STREAMING
        lab.hangs.clear()
        until(lambda: not run.network.status.rest_reason)


def test_one_slow_acquisition_does_not_keep_the_others_from_being_streamed() -> None:
    with Lab(Acquisition("slow"), Acquisition("a"), Acquisition("b")) as lab:
        lab.hangs.add("/api/acquisition/session/slow/status")
        with linked(lab.url, LinkOptions()) as run:
            until(lambda: run.stream("a") is run.stream("b") is StreamState.STREAMING, run.how_it_stands, POLLING_S)
            lab.hangs.clear()
            lab.release(accept=True)
            run.until_more("slow")


def test_a_server_that_freezes_while_it_is_polled_is_noticed() -> None:
    with (
        Lab(Acquisition("a")) as lab,
        linked(lab.url, mode=Mode.POLLING, rest_timeout_s=0.3, rest_silence_s=0.2) as run,
    ):
        run.until_more("a")
        paths = {"/api", "/api/acquisition/sessions", "/api/equipment/list"}
        lab.hangs.update(paths | {f"/api/acquisition/session/a/{what}" for what in ("status", "data")})
        run.until_state(LinkState.WAITING)
        assert "no answer" in run.network.status.reason
        lab.hangs.clear()
        run.until_state(LinkState.POLLING)
        run.until_more("a")
        run.until_nothing_is_missing("a")
    run.check_samples("a")
