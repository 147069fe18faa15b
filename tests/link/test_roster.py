"""Tests of lablink_dpg.link.roster, over a real REST server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from lablink_dpg.link import roster as roster_module
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import Rest, RestError, SessionLine
from lablink_dpg.link.roster import MAX_FAILED_FETCHES, MAX_UNLISTED, UNLISTED, Roster
from lablink_dpg.link.streams import MAX_STREAMS, Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import LinkEvent, Mode, StreamState
from lablink_dpg.settings import BOUNDS
from lablink_dpg.store.store import Store
from lablink_dpg.wire.timestamps import parse_start
from tests.link.lab import Acquisition, Lab, until_soon


class Setup:
    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.store = Store(1000)
        self.streams = Streams(50)
        self.tally = Tally()
        self.board = Board("s", Mode.HYBRID, self.tally, self.streams, lambda: 0)
        self.described: list[str] = []
        self.forgotten: list[str] = []
        self.roster = Roster(
            self.store,
            self.streams,
            self.tally,
            self.board,
            "labserver:8000",
            on_forgotten=lambda stream: self.forgotten.append(stream.info.acquisition_id),
        )

    def refresh(self, between: Callable[[], Awaitable[None]] | None = None) -> None:
        """Once, or again after ``between``."""

        async def run() -> None:
            async with Rest(
                parse_address(self.lab.url), LinkOptions(), tls_context(parse_address(self.lab.url))
            ) as rest:
                await self.roster.refresh(rest, self._on_described)
                if between is not None:
                    await between()
                    await self.roster.refresh(rest, self._on_described)
                await self.roster.close()
                assert asyncio.all_tasks() == {asyncio.current_task()}

        asyncio.run(run())

    def _on_described(self, stream: Stream) -> None:
        self.described.append(stream.info.acquisition_id)

    def names(self) -> list[str]:
        return [stream.info.acquisition_id for stream in self.streams]

    def unfetched(self) -> list[str]:
        return [stream.info.acquisition_id for stream in self.roster.unfetched_ended()]

    def texts(self) -> list[str]:
        return [event.text for event in self.board.drain() if isinstance(event, LinkEvent)]


def test_acquisitions_are_described_in_the_order_of_the_list() -> None:
    with Lab(*(Acquisition(f"a{number}") for number in range(20))) as lab:
        setup = Setup(lab)
        setup.refresh()
    assert setup.names() == [f"a{number}" for number in range(20)]
    assert list(setup.store.series) == setup.names()
    assert setup.store.series["a3"].server == "labserver:8000"


def test_only_what_is_new_or_has_changed_its_state_is_asked_for_in_detail() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)
        setup.refresh()
        setup.refresh()
        lab.acquisitions["b"].state = "paused"
        setup.refresh()
        assert [request.split("/")[4] for request in lab.requests if "/status" in request] == ["a", "b", "b"]
    assert setup.store.series["b"].info.state is AcquisitionState.PAUSED


def test_one_that_was_begun_anew_unseen_is_asked_for_in_detail_once() -> None:
    def first_block(acquisition: Acquisition) -> AcquisitionBlock:
        started_us = parse_start(acquisition.stats["start_time"])
        assert started_us is not None
        times, values = np.array([started_us + 1000]), np.zeros((len(acquisition.channels), 1))
        return AcquisitionBlock(
            "a", AcquisitionState.ACQUIRING, 1, 1, times, acquisition.channels, values, started_us=started_us
        )

    with Lab(Acquisition("a")) as lab:
        setup = Setup(lab)
        setup.refresh()
        setup.store.ingest(first_block(lab.acquisitions["a"]), 0)
        setup.refresh()
        assert setup.described == ["a"]
        lab.acquisitions["a"].restart(("CH1", "CH2"))
        setup.store.ingest(first_block(lab.acquisitions["a"]), 0)
        setup.refresh()
        setup.refresh()
        assert setup.described == ["a", "a"]
    assert setup.store.series["a"].info.channels == ("CH1", "CH2")


def test_an_acquisition_that_is_no_longer_listed_has_ended() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)
        setup.refresh()
        del lab.acquisitions["a"]
        setup.refresh()
        setup.refresh()
    assert [stream.state for stream in setup.streams] == [StreamState.STOPPED, StreamState.WAITING]
    assert len([text for text in setup.texts() if "no longer on the server" in text]) == 1


def test_one_whose_details_fail_is_left_out_and_tried_again() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)
        lab.answers["/api/acquisition/session/a/status"] = (500, "text/plain", b"")
        setup.refresh()
        assert setup.names() == ["b"]
        assert setup.tally.rest_errors == 1
        lab.answers.clear()
        setup.refresh()
        assert setup.names() == ["b", "a"]


def test_a_list_that_cannot_be_had_is_the_callers_matter() -> None:
    with Lab() as lab:
        lab.answers["/api/acquisition/sessions"] = (500, "text/plain", b"")
        with pytest.raises(RestError):
            Setup(lab).refresh()


def test_more_acquisitions_than_can_be_shown_are_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_module, "MAX_STREAMS", 3)
    with Lab(*(Acquisition(f"a{number}") for number in range(5))) as lab:
        setup = Setup(lab)
        setup.refresh()
        setup.refresh()
        assert setup.names() == ["a0", "a1", "a2"]
    assert "5 acquisitions, 3 at most are shown" in setup.texts()


def test_an_ended_acquisition_is_named_for_fetching_until_each_count_of_samples_is_fetched() -> None:
    with Lab(Acquisition("a", state="stopped", frozen_total=10), Acquisition("b")) as lab:
        setup = Setup(lab)
        setup.refresh()
        assert (setup.unfetched(), setup.unfetched()) == (["a"], ["a"])
        stream = next(iter(setup.streams))
        stream.fetched_total = 10
        assert setup.unfetched() == []
        lab.acquisitions["a"].frozen_total = 20
        setup.refresh()
        assert setup.unfetched() == ["a"]
        stream.failed_fetches = MAX_FAILED_FETCHES
        assert setup.unfetched() == []
        lab.acquisitions["a"].frozen_total = 30
        setup.refresh()
        assert setup.unfetched() == ["a"]
        del lab.acquisitions["a"]
        setup.refresh()
        assert setup.unfetched() == []


def test_acquisitions_that_come_and_go_one_by_one_are_forgotten_the_oldest_first_and_it_is_said_once() -> None:
    with Lab(Acquisition("stays")) as lab:
        setup = Setup(lab)
        setup.refresh()
        lines = (*(f"a{number}" for number in range(MAX_UNLISTED + 20)), None)
        before = None
        for name in lines:
            if before is not None:
                del lab.acquisitions[before]
            if name is not None:
                lab.acquisitions[name] = Acquisition(name)
            setup.refresh()
            if name is not None:
                setup.store.last_totals[name] = 5
            before = name
    kept = ["stays", *(f"a{number}" for number in range(20, MAX_UNLISTED + 20))]
    assert setup.names() == kept
    assert list(setup.store.series) == kept
    assert list(setup.store.last_totals) == kept[1:]
    assert setup.forgotten == [f"a{number}" for number in range(20)]
    assert setup.roster.forgotten == 20
    assert len([text for text in setup.texts() if "makes room" in text]) == 1


def test_one_that_is_listed_again_does_not_count_as_gone() -> None:
    with Lab(Acquisition("a")) as lab:
        setup = Setup(lab)
        setup.refresh()
        gone = lab.acquisitions.pop("a")
        setup.refresh()
        assert list(setup.roster._unlisted) == ["a"]
        lab.acquisitions["a"] = gone
        setup.refresh()
        assert not setup.roster._unlisted
    assert [stream.state for stream in setup.streams] == [StreamState.WAITING]


def test_a_new_run_takes_the_place_of_one_that_is_gone_and_then_of_one_that_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(roster_module, "MAX_STREAMS", 3)
    with Lab(Acquisition("gone"), Acquisition("ended", state="stopped"), Acquisition("runs")) as lab:
        setup = Setup(lab)
        setup.refresh()
        del lab.acquisitions["gone"]
        lab.acquisitions["b"] = Acquisition("b")
        setup.refresh()
        assert setup.names() == ["ended", "runs", "b"]
        lab.acquisitions["also ended"] = Acquisition("also ended", state="stopped")
        lab.acquisitions["c"] = Acquisition("c")
        setup.refresh()
        asked = len(lab.requests)
        setup.refresh()
        assert setup.names() == ["runs", "b", "c"]
        assert setup.forgotten == ["gone", "ended"]
        assert len(lab.requests) == asked + 1, "those without room are not asked about again and again"


def test_as_many_as_may_be_asked_for_are_described_and_each_is_asked_about_once() -> None:
    with Lab(*(Acquisition(f"a{number}") for number in range(300))) as lab:
        setup = Setup(lab)
        setup.refresh()
        setup.refresh()
        assert len(setup.names()) == 300
        assert sum("/status" in request for request in lab.requests) == 300
        assert setup.described == setup.names()
    assert BOUNDS["streams"].high == MAX_STREAMS


def test_an_ended_acquisition_without_samples_or_with_all_of_them_stored_is_not_fetched() -> None:
    with Lab(Acquisition("a", state="stopped", frozen_total=0), Acquisition("b", state="error", frozen_total=7)) as lab:
        setup = Setup(lab)
        setup.refresh()
        setup.store.last_totals["b"] = 7
        assert setup.unfetched() == []


def test_an_acquisition_that_runs_again_is_to_be_asked_for_again() -> None:
    with Lab(Acquisition("a", state="stopped", frozen_total=10)) as lab:
        setup = Setup(lab)
        setup.refresh()
        (stream,) = setup.streams
        stream.asked_us = 5
        assert stream.state is StreamState.STOPPED
        lab.acquisitions["a"].state = "acquiring"
        setup.refresh()
        assert (stream.state, stream.asked_us, stream.is_live) == (StreamState.WAITING, None, True)


def test_one_slow_answer_does_not_hold_up_the_others_and_is_taken_when_it_comes() -> None:
    with Lab(Acquisition("slow"), Acquisition("a"), Acquisition("b")) as lab:
        path = "/api/acquisition/session/slow/status"
        lab.hangs.add(path)
        setup = Setup(lab)

        async def answered() -> None:
            assert setup.described == ["a", "b"]
            lab.hangs.clear()
            lab.release(accept=True)
            (answer,) = setup.roster._asking.values()
            await until_soon(answer.done)

        setup.refresh(answered)
        assert setup.described == ["a", "b", "slow"]
        assert lab.requests.count(path) == 1


def test_an_answer_that_never_comes_is_given_up_when_the_listing_ends_and_when_it_is_no_longer_wanted() -> None:
    with Lab(Acquisition("slow"), Acquisition("a")) as lab:
        lab.hangs.add("/api/acquisition/session/slow/status")
        setup = Setup(lab)
        setup.refresh()  # which looks for tasks that are left over

        async def vanish() -> None:
            assert list(setup.roster._asking) == ["slow"]
            del lab.acquisitions["slow"]

        setup.refresh(vanish)
        assert setup.described == ["a"]


def test_what_a_person_has_deleted_is_gone_at_once_with_its_samples_and_a_new_one_of_that_id_may_come() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)
        setup.refresh()
        gone = lab.acquisitions.pop("a")
        setup.roster.drop("a")
        setup.roster.drop("nobody")
        assert (setup.names(), list(setup.store.series), setup.forgotten) == (["b"], ["b"], ["a"])
        setup.refresh()
        assert setup.names() == ["b"]
        lab.acquisitions["a"] = gone
        setup.refresh()
        assert setup.names() == ["b", "a"]


@pytest.mark.parametrize("slow", ["sessions", "status"])
def test_a_list_that_is_under_way_does_not_bring_back_what_was_deleted(slow: str) -> None:
    """Neither the list itself nor an answer to a question for details that it led to."""
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)

        class Slow(Rest):
            async def sessions(self) -> tuple[SessionLine, ...]:
                lines = await super().sessions()
                if slow == "sessions":
                    setup.roster.drop("a")
                return lines

            async def session_status(self, acquisition_id: str) -> AcquisitionInfo:
                info = await super().session_status(acquisition_id)
                if slow == "status":
                    setup.roster.drop("a")
                return info

        async def run() -> None:
            address = parse_address(lab.url)
            async with Slow(address, LinkOptions(), tls_context(address)) as rest:
                await setup.roster.refresh(rest)
                await setup.roster.close()

        asyncio.run(run())
        assert setup.names() == ["b"]
        assert list(setup.store.series) == ["b"]


def test_one_that_the_server_does_not_list_any_more_says_so_until_it_does() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        setup = Setup(lab)
        setup.refresh()
        gone = lab.acquisitions.pop("a")
        setup.refresh()
        assert [stream.note for stream in setup.streams] == [UNLISTED, ""]
        setup.streams.disconnected()
        setup.refresh()
        assert [stream.note for stream in setup.streams] == [UNLISTED, ""]
        lab.acquisitions["a"] = gone
        setup.refresh()
        assert [stream.note for stream in setup.streams] == ["", ""]


def test_one_that_has_not_begun_is_at_rest_until_it_does() -> None:
    with Lab(Acquisition("a", state="idle")) as lab:
        setup = Setup(lab)
        setup.refresh()
        assert [stream.state for stream in setup.streams] == [StreamState.STOPPED]
        assert setup.unfetched() == []
        lab.acquisitions["a"].state = "acquiring"
        setup.refresh()
        assert [stream.state for stream in setup.streams] == [StreamState.WAITING]
