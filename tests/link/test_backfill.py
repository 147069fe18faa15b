"""Tests of lablink_dpg.link.backfill, over a real REST server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import numpy as np
import pytest

from lablink_dpg.link import backfill
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.backfill import MARGIN_CALLS, MAX_ROUNDS, MAX_TRIES, MAX_WAITING, Backfiller
from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import Rest
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.model.link import LinkEvent, Mode
from lablink_dpg.store.store import Store
from lablink_dpg.wire.decoder import decode
from tests.link.lab import Acquisition, Lab, until_soon, window_message

SLOW_S = 0.3


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "PAUSE_S", 0.0)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


class Setup:
    """An acquisition of which samples 100..199 are stored, then 700..799: 500 are missing."""

    def __init__(self, acquisition: Acquisition, runner: asyncio.Runner) -> None:
        self.runner = runner  # one for the whole test: queues belong to a loop
        self.store = Store(10_000)
        self.acquisitions: dict[str, Acquisition] = {}  # by id
        self.streams = Streams(50)
        self.tally = Tally()
        self.board = Board("s", Mode.HYBRID, self.tally, self.streams, lambda: 0)
        self.backfiller = Backfiller(self.store, self.streams, self.tally, self.board)
        self.stream = self.add(acquisition)
        assert self.store.lost_ranges("a") == ((200, 700),)

    def add(self, acquisition: Acquisition) -> Stream:
        name = acquisition.acquisition_id
        self.acquisitions[name] = acquisition
        info = AcquisitionInfo(
            name,
            "scope",
            "a",
            AcquisitionState.ACQUIRING,
            ("CH1",),
            acquisition.rate_hz,
            acquisition.buffer_size,
        )
        self.store.describe(info, "s")
        stream = self.streams.describe(info)
        for total in (200, 800):
            self.send(name, total)
        return stream

    def send(self, name: str, total: int) -> None:
        block = decode(window_message(self.acquisitions[name], total, 100).encode(), self.store.last_totals)
        self.store.ingest(block, 1_800_000_000_000_000 + total)  # type: ignore[arg-type]

    def lose(self, name: str) -> None:
        """Another hundred samples, and the next hundred come."""
        acquisition = self.acquisitions[name]
        assert acquisition.frozen_total is not None
        acquisition.frozen_total += 200
        self.send(name, acquisition.frozen_total)

    def fill(self, lab: Lab, times: int = 1, kind: type[Rest] = Rest) -> None:
        async def run() -> None:
            async with kind(parse_address(lab.url), LinkOptions(), tls_context(parse_address(lab.url))) as rest:
                working = asyncio.ensure_future(self.backfiller.run(rest))
                for _ in range(times):
                    self.backfiller.ask(self.stream)
                    await until_soon(lambda: not self.backfiller._queued)
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working

        self.runner.run(run())

    @property
    def texts(self) -> str:
        return "\n".join(event.text for event in self.board.drain() if isinstance(event, LinkEvent))


def data_requests(lab: Lab) -> list[str]:
    return [request for request in lab.requests if "/data" in request]


def test_a_hole_is_filled_by_one_request_no_larger_than_needed(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        setup.fill(lab)
        (request,) = data_requests(lab)
    assert request.endswith("num_samples=1100")  # 600 back to the hole, 500 for half a second on the way
    series = setup.store.series["a"]
    assert np.array_equal(series.ring.read(0, 700)[0], np.arange(100, 800))
    assert (series.counters.lost, series.counters.backfilled) == (0, 500)
    assert "lost samples fetched" in setup.texts


def test_a_client_that_is_behind_asks_by_the_servers_count(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        lab.acquisitions["a"].frozen_total = 3800
        setup.fill(lab)
        assert len(data_requests(lab)) == 1
    assert setup.store.lost_ranges("a") == ()


class Slow(Rest):
    async def session_data(self, acquisition_id: str, num_samples: int) -> DataWindow:
        await asyncio.sleep(SLOW_S)
        return await super().session_data(acquisition_id, num_samples)


def test_of_a_slow_server_more_is_asked_for_since_it_goes_on_sampling(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        setup.fill(lab, kind=Slow)
        setup.lose("a")
        setup.fill(lab)
        _, request = data_requests(lab)
    assert setup.store.lost_ranges("a") == ()
    wanted = int(request.rpartition("=")[2])
    assert 200 + 500 + MARGIN_CALLS * SLOW_S * 1000 <= wanted < 10_000


def test_without_a_hole_nothing_is_asked(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        setup.fill(lab, times=3)
        assert len(data_requests(lab)) == 1


def test_what_has_left_the_servers_buffer_is_given_up_and_not_asked_for_again(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800, buffer_size=150)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        setup.fill(lab)
        asked = len(data_requests(lab))
        assert asked <= 2 * MAX_TRIES
        setup.fill(lab, times=3)
        assert len(data_requests(lab)) == asked
    assert setup.store.series["a"].counters.lost == 450
    assert "450 samples are lost for good" in setup.texts


class Losing(Rest):
    """While an answer is on its way, more samples of its acquisition are lost."""

    setup: Setup

    async def session_data(self, acquisition_id: str, num_samples: int) -> DataWindow:
        window = await super().session_data(acquisition_id, num_samples)
        if acquisition_id != "late":
            self.setup.lose(acquisition_id)
        return window


def test_who_loses_samples_all_the_time_leaves_turns_to_the_others(runner: asyncio.Runner) -> None:
    busy = [Acquisition(f"busy{number}", frozen_total=800) for number in range(MAX_WAITING)]
    with Lab(Acquisition("a", frozen_total=800), *busy, Acquisition("late", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        for acquisition in (*busy, lab.acquisitions["late"]):
            setup.add(acquisition)

        async def run() -> None:
            address = parse_address(lab.url)
            async with Losing(address, LinkOptions(), tls_context(address)) as rest:
                rest.setup = setup
                working = asyncio.ensure_future(setup.backfiller.run(rest))
                for stream in setup.streams:
                    setup.backfiller.ask(stream)
                await until_soon(lambda: not setup.store.lost_ranges("late"))
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working

        runner.run(run())
        assert len(data_requests(lab)) <= 3 * (MAX_WAITING + 2)
    assert setup.store.lost_ranges("busy0")


EMPTY = b'{"acquisition_id":"a","channels":["CH1"],"data":{"timestamps":[],"values":{"CH1":[]}},"count":0}'


def test_what_the_server_must_still_have_is_asked_for_again_with_every_listing(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        lab.answers["/api/acquisition/session/a/data"] = (200, "application/json", EMPTY)
        setup.fill(lab, times=MAX_ROUNDS - 1)
        assert "lost for good" not in setup.texts
        lab.answers.clear()
        setup.fill(lab)
    assert setup.store.series["a"].counters.lost == 0


def test_but_not_for_ever(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        lab.answers["/api/acquisition/session/a/data"] = (200, "application/json", EMPTY)
        setup.fill(lab, times=MAX_ROUNDS + 5)
        assert len(data_requests(lab)) == MAX_ROUNDS * MAX_TRIES
        assert setup.texts.count("500 samples are lost for good") == 1


def test_a_server_error_is_no_reason_to_give_up(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
        lab.answers["/api/acquisition/session/a/data"] = (500, "text/plain", b"Internal Server Error")
        setup.fill(lab, times=5)
        assert setup.tally.rest_errors == 5
        assert "status 500" in setup.texts
        lab.answers.clear()
        setup.fill(lab)
    assert setup.store.series["a"].counters.lost == 0


def test_an_acquisition_that_is_asked_for_twice_waits_once(runner: asyncio.Runner) -> None:
    with Lab(Acquisition("a", frozen_total=800)) as lab:
        setup = Setup(lab.acquisitions["a"], runner)
    for _ in range(10):
        setup.backfiller.ask(setup.stream)
    assert setup.backfiller._waiting.qsize() == 1
