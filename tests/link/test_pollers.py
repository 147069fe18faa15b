"""Tests of lablink_dpg.link.pollers, over a real REST server."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.board import Board
from lablink_dpg.link.errors import Cause
from lablink_dpg.link.planner import StreamPlan
from lablink_dpg.link.pollers import MAX_AT_ONCE, Pollers
from lablink_dpg.link.rest import Rest
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.model.acquisition import AcquisitionInfo, DataWindow
from lablink_dpg.model.link import LinkEvent, Mode, StreamState
from lablink_dpg.store.store import Store
from tests.link.lab import Acquisition, Lab, until_soon
from tests.link.running import IMPATIENT

SLOW_S = 0.3


class Setup:
    def __init__(self, lab: Lab, **changes: object) -> None:
        options = replace(IMPATIENT, **changes)  # type: ignore[arg-type]
        self.lab = lab
        self.store = Store(20_000)
        self.streams = Streams(20)
        self.tally = Tally()
        self.board = Board("s", Mode.HYBRID, self.tally, self.streams, lambda: 0)
        self.losses: list[Stream] = []
        self.pollers = Pollers(
            self.store,
            self.streams,
            self.tally,
            self.board,
            options,
            lambda: 1_800_000_000_000_000,
            on_loss=lambda stream, _: self.losses.append(stream),
        )

    def run(
        self,
        begin: Callable[[dict[str, Stream]], None],
        *conditions: Callable[[], object],
        kind: type[Rest] = Rest,
    ) -> None:
        """Describe what the server has, ``begin``, and poll until each condition was met in turn."""

        async def work() -> None:
            async with kind(parse_address(self.lab.url), IMPATIENT, tls_context(parse_address(self.lab.url))) as rest:
                streams = {}
                for name in self.lab.acquisitions:
                    info = await rest.session_status(name)
                    self.store.describe(info, "s")
                    streams[name] = self.streams.describe(info)
                begin(streams)
                polling = asyncio.ensure_future(self.pollers.run(rest))
                for condition in conditions:
                    await until_soon(condition)
                polling.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await polling

        asyncio.run(work())

    def received(self, name: str) -> int:
        return self.store.series[name].counters.received

    def requests(self, what: str) -> int:
        return sum(what in request for request in self.lab.requests)

    def add_all(self, streams: dict[str, Stream]) -> None:
        for stream in streams.values():
            self.pollers.add(stream)


def test_polled_acquisitions_arrive_without_a_hole() -> None:
    with Lab(Acquisition("a"), Acquisition("b", 100.0)) as lab:
        setup = Setup(lab)
        setup.run(setup.add_all, lambda: setup.received("a") > 300 and setup.received("b") > 30)
        assert {stream.state for stream in setup.streams} == {StreamState.POLLED}
    for name in "ab":
        ring = setup.store.series[name].ring
        values = ring.read(0, ring.head)[0]
        assert np.array_equal(np.diff(values), np.ones(ring.head - 1))
    assert not setup.losses


def test_a_young_run_is_fetched_whole_so_that_its_numbers_are_certain() -> None:
    """While it goes on, so that no two counts are the same: nothing else would tell the number of its first sample."""
    with Lab(Acquisition("a", 5000.0, began_s=time.monotonic() - 1.0)) as lab:
        setup = Setup(lab)
        setup.run(setup.add_all, lambda: setup.received("a") > 7000)
    series = setup.store.series["a"]
    assert series.bracket is None
    assert [(epoch.base, epoch.is_exact) for epoch in series.epochs] == [(0, True)]
    assert np.array_equal(series.ring.read(0, series.ring.head)[0], np.arange(series.ring.head))
    assert not setup.losses


class Slow(Rest):
    """Every call takes longer than the overlap that is asked for of a quick server."""

    async def session_status(self, acquisition_id: str) -> AcquisitionInfo:
        await asyncio.sleep(SLOW_S)
        return await super().session_status(acquisition_id)

    async def session_data(self, acquisition_id: str, num_samples: int) -> DataWindow:
        await asyncio.sleep(SLOW_S)
        return await super().session_data(acquisition_id, num_samples)


def test_a_slow_server_is_asked_for_more_so_that_answers_overlap_whatever_their_stamps() -> None:
    with Lab(Acquisition("a", is_whole_seconds=True)) as lab:
        setup = Setup(lab)
        setup.run(setup.add_all, lambda: setup.received("a") > 3000, kind=Slow)
        assert setup.store.series["a"].counters.lost == 0


def test_a_young_run_that_cannot_be_told_from_the_one_before_does_not_wait_until_it_is_old() -> None:
    """Stamps of whole seconds, and a buffer that has the run before as well: nothing tells where that ends."""
    with Lab(Acquisition("a", is_whole_seconds=True)) as lab:
        setup = Setup(lab)

        def restart() -> bool:
            lab.acquisitions["a"].restart(outlives=True)
            return True

        def is_polled_again() -> bool:
            series = setup.store.series["a"]
            return len(series.epochs) == 2 and series.ring.head - series.epochs[1].start > 1500

        setup.run(setup.add_all, lambda: setup.received("a") > 1500, restart, is_polled_again)
    assert setup.received("a") < 10_000


def test_a_run_begun_anew_is_polled_though_it_counts_as_much_as_the_one_before() -> None:
    with Lab(Acquisition("a", state="paused", frozen_total=500)) as lab:
        setup = Setup(lab)

        def restart() -> bool:
            lab.acquisitions["a"].restart()
            return True

        setup.run(setup.add_all, lambda: setup.requests("/status") > 5, restart, lambda: setup.received("a") > 500)
        assert setup.requests("/data") == 2
    assert len(setup.store.series["a"].epochs) == 2


def test_while_nothing_is_new_only_the_status_is_asked() -> None:
    with Lab(Acquisition("a", state="paused", frozen_total=500)) as lab:
        setup = Setup(lab)
        setup.run(setup.add_all, lambda: setup.requests("/status") > 20)
        assert setup.requests("/data") == 1
        assert [stream.state for stream in setup.streams] == [StreamState.PAUSED]


def test_an_acquisition_without_samples_yet_is_polled_without_its_data() -> None:
    with Lab(Acquisition("a", state="waiting_trigger", frozen_total=0)) as lab:
        setup = Setup(lab)
        setup.run(setup.add_all, lambda: setup.requests("/status") > 10)
        assert setup.requests("/data") == 0


def test_a_removed_acquisition_is_polled_no_more() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)
        counts: list[int] = []

        def remove() -> bool:
            for stream in setup.streams:
                if stream.info.acquisition_id == "a":
                    setup.pollers._in_vain["a"] = None  # its last answer had nothing to store
                    setup.pollers.remove(stream)
            return True

        def has_ended() -> bool:
            counts.append(setup.requests("/a/status"))
            return "a" not in setup.pollers._scheduled

        def others_went_on() -> bool:
            return setup.requests("/b/status") > 60

        setup.run(setup.add_all, lambda: setup.received("a") > 50, remove, has_ended, others_went_on)
        assert setup.requests("/a/status") == counts[-1]
        assert "a" not in setup.pollers._in_vain, "nothing is remembered of it"


def test_an_ended_acquisition_is_fetched_whole_and_once() -> None:
    with Lab(Acquisition("a", state="stopped", frozen_total=5000, buffer_size=3000)) as lab:
        setup = Setup(lab)
        setup.run(
            lambda streams: setup.pollers.fetch_once(streams["a"]),
            lambda: setup.received("a") == 3000 and not setup.pollers._scheduled,
        )
        assert setup.requests("/data") == 1
        assert [stream.state for stream in setup.streams] == [StreamState.STOPPED]
    assert np.array_equal(setup.store.series["a"].ring.read(0, 3000)[0], np.arange(2000, 5000))
    assert setup.store.last_totals == {"a": 5000}


def test_one_acquisition_that_fails_is_said_and_does_not_hold_up_the_others() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)

        def break_one(streams: dict[str, Stream]) -> None:
            lab.answers["/api/acquisition/session/a/data"] = (500, "text/html", b"<html>")
            setup.add_all(streams)

        setup.run(break_one, lambda: setup.received("b") > 200)
    texts = [event.text for event in setup.board.drain() if isinstance(event, LinkEvent)]
    assert len(texts) == 1
    assert "run a not polled: /api/acquisition/session/a/data" in texts[0]
    assert setup.tally.rest_errors >= 1
    assert setup.tally.frozen().rest_errors_by_reason == {Cause.STATUS: setup.tally.rest_errors}
    assert setup.received("a") == 0


def test_an_acquisition_that_never_answers_does_not_hold_up_the_others() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)

        def hang_one(streams: dict[str, Stream]) -> None:
            lab.hangs.add("/api/acquisition/session/a/status")
            setup.add_all(streams)

        setup.run(hang_one, lambda: setup.received("b") > 200)


def test_after_the_end_nothing_is_scheduled() -> None:
    with Lab(Acquisition("a")) as lab:
        setup = Setup(lab)
        setup.run(setup.add_all, lambda: setup.received("a") > 0)
    assert not setup.pollers._scheduled
    assert not setup.pollers._waiting
    assert not setup.pollers._heap
    assert setup.pollers._ready.empty()


def test_the_tail_of_a_run_that_ends_between_two_polls_is_fetched_long_before_the_next_one() -> None:
    with Lab(Acquisition("a", frozen_total=100)) as lab:
        setup = Setup(lab)

        def poll_slowly(streams: dict[str, Stream]) -> None:
            streams["a"].plan = StreamPlan(60_000, 100)
            setup.pollers.add(streams["a"])

        def end_it() -> bool:
            lab.acquisitions["a"].frozen_total = 190
            lab.acquisitions["a"].state = "stopped"
            (stream,) = setup.streams
            setup.pollers.remove(stream)
            setup.pollers.fetch_once(stream)
            return True

        setup.run(
            poll_slowly,
            lambda: setup.received("a") == 100 and setup.pollers._waiting,
            end_it,
            lambda: setup.received("a") == 190 and not setup.pollers._scheduled,
        )
    (stream,) = setup.streams
    assert (stream.fetched_total, stream.failed_fetches) == (190, 0)
    assert np.array_equal(setup.store.series["a"].ring.read(0, 190)[0], np.arange(190))


def test_a_fetch_wished_for_while_an_ordinary_poll_is_under_way_comes_after_it() -> None:
    with Lab(Acquisition("a", frozen_total=100)) as lab:
        setup = Setup(lab)

        def end_it() -> bool:
            assert setup.pollers._scheduled
            assert not setup.pollers._waiting
            lab.acquisitions["a"].frozen_total = 190
            lab.acquisitions["a"].state = "stopped"
            (stream,) = setup.streams
            setup.pollers.remove(stream)
            setup.pollers.fetch_once(stream)
            lab.hangs.clear()
            lab.release()
            return True

        def hang(streams: dict[str, Stream]) -> None:
            lab.hangs.add("/api/acquisition/session/a/data")
            setup.add_all(streams)

        setup.run(hang, lambda: setup.requests("/data") == 1, end_it, lambda: setup.received("a") == 190)


def test_a_fetch_that_fails_is_not_called_fetched() -> None:
    with Lab(Acquisition("a", state="stopped", frozen_total=500)) as lab:
        setup = Setup(lab)

        def break_it(streams: dict[str, Stream]) -> None:
            lab.answers["/api/acquisition/session/a/data"] = (500, "text/html", b"<html>")
            setup.pollers.fetch_once(streams["a"])

        def again() -> bool:
            (stream,) = setup.streams
            assert (stream.fetched_total, stream.failed_fetches) == (-1, 1)
            lab.answers.clear()
            setup.pollers.fetch_once(stream)
            return True

        setup.run(break_it, lambda: not setup.pollers._scheduled, again, lambda: not setup.pollers._scheduled)
    (stream,) = setup.streams
    assert (stream.fetched_total, stream.failed_fetches) == (500, 0)
    assert setup.received("a") == 500


def test_more_slow_acquisitions_than_workers_do_not_hold_up_what_is_new() -> None:
    slow = [f"slow{number}" for number in range(MAX_AT_ONCE + 2)]
    with Lab(*(Acquisition(name) for name in slow), Acquisition("a"), Acquisition("b", state="stopped")) as lab:
        lab.acquisitions["b"].frozen_total = 300
        setup = Setup(lab)

        def begin(streams: dict[str, Stream]) -> None:
            for name in slow:
                streams[name].plan = StreamPlan(60_000, 100)
                setup.pollers.add(streams[name])

        def start_others() -> bool:
            for stream in setup.streams:
                if stream.info.acquisition_id == "a":
                    setup.pollers.add(stream)
                elif stream.info.acquisition_id == "b":
                    setup.pollers.fetch_once(stream)
            return True

        setup.run(
            begin,
            lambda: len(setup.pollers._waiting) == len(slow),
            start_others,
            lambda: setup.received("a") > 200 and setup.received("b") == 300,
        )


def test_an_acquisition_that_was_forgotten_during_a_poll_does_not_come_back() -> None:
    with Lab(Acquisition("a", frozen_total=100), Acquisition("b", frozen_total=100)) as lab:
        setup = Setup(lab)

        def hang(streams: dict[str, Stream]) -> None:
            lab.hangs.add("/api/acquisition/session/a/data")
            setup.add_all(streams)

        def forget() -> bool:
            stream = setup.streams.get("a")
            assert stream is not None
            setup.pollers.remove(stream)
            setup.streams.forget(stream)
            setup.store.forget("a")
            lab.answers["/api/acquisition/session/a/data"] = data
            lab.hangs.clear()
            lab.release()
            return True

        body = lab._truth("/api/acquisition/session/a/data", {"num_samples": ["100"]}).body
        data = (200, "application/json", bytes(body))
        setup.run(hang, lambda: setup.requests("/data") == 2, forget, lambda: "a" not in setup.pollers._scheduled)
    assert list(setup.store.series) == ["b"]
    assert setup.tally.rest_errors == 0


def test_an_ended_acquisition_is_polled_no_more() -> None:
    with Lab(Acquisition("a", state="stopped", frozen_total=100)) as lab:
        setup = Setup(lab)
        setup.run(setup.add_all, lambda: setup.received("a") == 100 and not setup.pollers._scheduled)
    assert not setup.pollers._polled


def test_polls_that_are_far_apart_overlap_while_the_numbers_are_not_certain_yet() -> None:
    # So fast that the counts before and after the data differ: the first numbers are known within bounds only.
    with Lab(Acquisition("a", 20_000.0, buffer_size=100_000, began_s=time.monotonic() - 60.0)) as lab:
        setup = Setup(lab, poll_interval_ms=1200)
        setup.run(setup.add_all, lambda: setup.requests("/data") >= 3 and setup.received("a") > 40_000)
    series = setup.store.series["a"]
    values = series.ring.read(series.ring.oldest, series.ring.head)[0]
    assert np.array_equal(np.diff(values), np.ones(values.shape[0] - 1))
    assert (series.counters.lost, setup.losses) == (0, [])
