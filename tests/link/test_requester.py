"""Tests of lablink_dpg.link.requester."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.requester import Requester
from lablink_dpg.link.streams import Stream, Streams, key_of
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.websocket import SocketLost, dial
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState
from tests.link.lab import Lab, until_soon
from tests.link.running import no_devices


class Setup:
    def __init__(self) -> None:
        self.now_us = 0
        self.streams = Streams(50)
        self.requester = Requester(self.streams, no_devices(), lambda: self.now_us)

    def describe(self, name: str, state: AcquisitionState = AcquisitionState.ACQUIRING) -> Stream:
        return self.streams.describe(AcquisitionInfo(name, "scope", name, state, ("CH1",), 1000.0))

    def pending(self) -> list[str]:
        return [name for name, _ in self.requester._pending]


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_what_may_not_run_on_this_connection_is_not_asked_for_but_may_be_stopped(setup: Setup) -> None:
    stream = setup.describe("a")
    setup.requester.may_ask = lambda key: key != key_of(stream)
    setup.requester.ask(stream)
    setup.requester.ask(setup.describe("b"))
    setup.requester.stop(key_of(stream))
    assert setup.pending() == ["b", "a"]
    assert not setup.requester.is_idle
    setup.requester.forget()
    assert setup.requester.is_idle


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
