"""Tests of lablink_dpg.link.requester."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.planner import MAX_GROWN_BYTES_PER_S, bytes_per_s
from lablink_dpg.link.requester import Requester
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.websocket import SocketLost, dial
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import Mode, StreamState
from tests.link.lab import Lab, until_soon

SECOND = 1_000_000


class Setup:
    def __init__(self) -> None:
        self.now_us = 0
        self.streams = Streams(50)
        board = Board("s", Mode.HYBRID, Tally(), self.streams, lambda: self.now_us)
        self.requester = Requester(self.streams, board, LinkOptions(rerequest_s=5.0), lambda: self.now_us)

    def describe(self, name: str, state: AcquisitionState = AcquisitionState.ACQUIRING) -> Stream:
        return self.streams.describe(AcquisitionInfo(name, "scope", name, state, ("CH1",), 1000.0))

    def pending(self) -> list[str]:
        return list(self.requester._pending)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_every_live_acquisition_is_asked_for_once_per_connection(setup: Setup) -> None:
    states = list(AcquisitionState)
    for state in states:
        setup.describe(state.value, state)
    setup.requester.ask_for_missing()
    assert setup.pending() == ["waiting_trigger", "acquiring", "paused"]
    for stream in setup.streams:
        stream.asked_us = 0
    setup.requester.forget()
    setup.requester.ask_for_missing()
    assert setup.pending() == []


def test_a_window_grows_to_what_would_have_been_enough_and_more(setup: Setup) -> None:
    stream = setup.describe("a")
    before = stream.plan
    setup.requester.enlarge(stream, 1000)
    assert stream.plan.num_samples == 1500 > before.num_samples
    assert stream.plan.interval_ms == before.interval_ms
    assert setup.pending() == ["a"]


def test_a_window_is_not_asked_for_again_too_soon(setup: Setup) -> None:
    stream = setup.describe("a")
    setup.requester.enlarge(stream, 1000)
    setup.now_us = 5 * SECOND - 1
    setup.requester.enlarge(stream, 3000)
    assert stream.plan.num_samples == 1500
    setup.now_us = 5 * SECOND
    setup.requester.enlarge(stream, 3000)
    assert stream.plan.num_samples == 4500


def test_windows_do_not_grow_beyond_what_a_network_carries(setup: Setup) -> None:
    """A late server would become later still, and stay so."""
    streams = [setup.describe(str(number)) for number in range(64)]
    for stream in streams:
        setup.requester.enlarge(stream, 5000)
    grown = [stream for stream in streams if stream.plan.num_samples == 7500]
    assert 0 < len(grown) < len(streams)
    assert sum(bytes_per_s(stream.plan, 1) for stream in streams) <= MAX_GROWN_BYTES_PER_S
    assert setup.pending() == [stream.info.acquisition_id for stream in grown]


def test_a_window_as_large_as_the_servers_buffer_is_left_alone(setup: Setup) -> None:
    stream = setup.describe("a")
    setup.requester.enlarge(stream, 50_000)
    assert stream.plan.num_samples == stream.info.buffer_size == 10_000
    setup.requester.forget()
    setup.now_us = 60 * SECOND
    setup.requester.enlarge(stream, 50_000)
    assert setup.pending() == []


def test_what_is_sent_is_the_plan_and_the_loss_of_the_connection_ends_it(setup: Setup) -> None:
    stream = setup.describe("a")
    setup.now_us = 7

    async def run(lab: Lab) -> list[dict[str, Any]]:
        socket = await dial(parse_address(lab.url), LinkOptions(), tls_context(parse_address(lab.url)))
        asking = asyncio.ensure_future(setup.requester.run(socket))
        setup.requester.ask(stream)
        await until_soon(lambda: lab.started)
        await socket.close()
        setup.requester.ask(stream)
        with pytest.raises(SocketLost):
            await asking
        return lab.started

    with Lab() as lab:
        (message,) = asyncio.run(run(lab))
    assert json.dumps(message) == json.dumps(
        {"type": "start_acquisition_stream", "acquisition_id": "a", "interval_ms": 50, "num_samples": 150}
    )
    assert (stream.asked_us, stream.state, stream.is_fresh) == (7, StreamState.STARTING, True)
