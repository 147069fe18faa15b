"""Typed messages over a link: offered, taken where the server knows them, else given up, each time anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.typing import Subprotocol

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.websocket import TYPED, SocketRefused, dial
from lablink_dpg.link.windows import Windows
from lablink_dpg.model.link import LinkState, Wire
from lablink_dpg.sim.process import SimProcess
from tests.link.lab import Acquisition, Lab, until
from tests.link.running import IMPATIENT, Running, linked

QUICK = LinkOptions(handshake_timeout_s=2.0)


@contextmanager
def simulator(*arguments: str) -> Iterator[SimProcess]:
    with SimProcess(streams=2, rate_hz=1000.0, channels=2, seed=4, extra_arguments=arguments) as process:
        yield process


def wire_of(run: Running) -> Wire | None:
    return run.network.status.wire


def until_more(run: Running, samples: int) -> None:
    until(lambda: len(run.store.series) == 2)
    goals = {name: run.received(name) + samples for name in run.store.series}
    until(lambda: all(run.received(name) >= goal for name, goal in goals.items()))


@pytest.mark.parametrize("wire", [Wire.AUTO, Wire.TYPED])
def test_where_the_server_knows_them_each_sample_comes_once(wire: Wire) -> None:
    with simulator() as process, linked(process.url, IMPATIENT, wire=wire) as run:
        until_more(run, 1000)
        assert wire_of(run) is Wire.TYPED
        for series in run.store.series.values():
            assert (series.counters.overlap_dropped, series.counters.lost) == (0, 0)
        run.network.stop()
        assert "does not know" not in str(run.texts)


def test_what_is_not_offered_is_not_chosen() -> None:
    with simulator() as process, linked(process.url, IMPATIENT, wire=Wire.JSON) as run:
        until_more(run, 500)
        assert wire_of(run) is Wire.JSON
        assert sum(series.counters.overlap_dropped for series in run.store.series.values()) > 0


@pytest.mark.parametrize(("wire", "warnings"), [(Wire.AUTO, 0), (Wire.TYPED, 1)])
def test_a_server_that_does_not_know_them_is_read_as_json_and_who_insisted_is_told_once(
    wire: Wire, warnings: int
) -> None:
    with simulator("--wire", "json") as process, linked(process.url, IMPATIENT, wire=wire) as run:
        until_more(run, 500)
        process.fault("close:1001")
        until(lambda: run.network.status.counters.reconnects == 1)
        until_more(run, 500)
        assert wire_of(run) is Wire.JSON
        run.network.stop()
        assert str(run.texts).count("does not know typed messages") == warnings


def test_what_is_written_is_negotiated_with_each_connection_anew() -> None:
    """A server that is replaced by one that knows less, or more."""
    with Lab(Acquisition("a")) as lab, linked(lab.url, IMPATIENT, wire=Wire.TYPED) as run:
        until(lambda: run.received("a") > 100)
        assert wire_of(run) is Wire.JSON
        assert "incremental" not in lab.started[0]
        lab.subprotocols = (TYPED,)
        lab.close_sockets(1001)
        until(lambda: wire_of(run) is Wire.TYPED)
        until(lambda: len(lab.started) == 2)
        assert lab.started[1]["incremental"] is True
        run.until_more("a", 100)  # text frames of JSON all the same, as a server may
        lab.subprotocols = ()
        lab.close_sockets(1001)
        until(lambda: len(lab.started) == 3)
        assert "incremental" not in lab.started[2]
        assert wire_of(run) is Wire.JSON


def test_a_loss_of_typed_samples_is_fetched_and_no_window_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{Windows.__module__}.SHRINK_S", 0.3)
    with simulator() as process, linked(process.url, IMPATIENT, wire=Wire.TYPED, silence_s=5.0) as run:
        until_more(run, 300)
        until(lambda: len(run.network.status.streams) == 2)  # told a moment after the samples
        plans = {name: each.num_samples for name, each in run.network.status.streams.items()}
        process.fault("silent:2")
        time.sleep(0.5)  # what is sent meanwhile comes to nobody
        process.fault("clear")
        until(lambda: sum(series.counters.backfilled for series in run.store.series.values()) > 0, within_s=20.0)
        until(lambda: sum(series.counters.lost for series in run.store.series.values()) == 0)
        until_more(run, 300)
        assert {name: each.num_samples for name, each in run.network.status.streams.items()} == plans
        run.network.stop()
        assert "window" not in str(run.texts)


def test_nothing_is_in_use_while_nothing_is_connected() -> None:
    with simulator() as process, linked(process.url, IMPATIENT) as run:
        until(lambda: wire_of(run) is Wire.TYPED)
        process.fault("no-ws:404")
        until(lambda: run.state is LinkState.POLLING)
        assert wire_of(run) is None


# -- handshakes ------------------------------------------------------------------------------------------------------


def handshake(status: int | None, *, chosen: str | None = None) -> tuple[str | None, list[str | None]]:
    """What comes of an offer to a server that answers it so; and what was offered, try by try."""
    offers: list[str | None] = []

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        offer = request.headers.get("Sec-WebSocket-Protocol")
        offers.append(offer)
        if offer is None or status is None:
            return None
        return Response(status, HTTPStatus(status).phrase, Headers({"Content-Length": "0"}), b"")

    def process(connection: ServerConnection, request: Request, response: Response) -> Response:
        if offers[-1] is not None and chosen is not None:
            response.headers["Sec-WebSocket-Protocol"] = chosen
        return response

    async def talk() -> str | None:
        async def quiet(connection: ServerConnection) -> None:
            await connection.wait_closed()

        async with serve(quiet, "127.0.0.1", 0, process_request=answer, process_response=process) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            address = parse_address(f"127.0.0.1:{port}")
            socket = await dial(address, QUICK, tls_context(address), (Subprotocol(TYPED),))
            try:
                return socket.subprotocol
            finally:
                await socket.close()

    return asyncio.run(talk()), offers


@pytest.mark.parametrize("status", [400, 426, 501])
def test_a_server_that_takes_the_offer_for_a_mistake_is_asked_without(status: int) -> None:
    assert handshake(status) == (None, [TYPED, None])


def test_a_server_that_chooses_what_was_not_offered_is_asked_without() -> None:
    assert handshake(None, chosen="something.else") == (None, [TYPED, None])


@pytest.mark.parametrize("status", [403, 404, 503])
def test_any_other_refusal_has_another_reason_and_stands(status: int) -> None:
    with pytest.raises(SocketRefused):
        handshake(status)


def test_a_server_that_says_nothing_of_it_has_not_chosen_it() -> None:
    assert handshake(None) == (None, [TYPED])
