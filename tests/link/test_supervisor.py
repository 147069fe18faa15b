"""Tests of lablink_dpg.link.supervisor: a server that misbehaves, on loopback, and what the link makes of it."""

from __future__ import annotations

import json
import time

import pytest

from lablink_dpg.link import roster
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.receiver import Receiver
from lablink_dpg.model.commands import Forget
from lablink_dpg.model.link import NOT_HAD_YET, LinkNeed, LinkState, Mode, StreamState
from lablink_dpg.model.messages import ServerEvent
from tests.link.lab import Acquisition, Lab, until, window_message
from tests.link.running import IMPATIENT, linked


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_refused_websocket_means_polling_with_data(status: int) -> None:
    with Lab(Acquisition("a")) as lab:
        lab.refuse_socket = status
        with linked(lab.url) as run:
            run.until_state(LinkState.POLLING)
            run.until_more("a", 200)
            reached = run.network.status
            assert str(status) in reached.reason
            run.until_stream("a", StreamState.POLLED)
            assert reached.counters.fallbacks == 1
            run.until_nothing_is_missing("a")
    run.check_samples("a")


def test_polling_ends_when_the_websocket_is_to_be_had() -> None:
    with Lab(Acquisition("a")) as lab:
        lab.refuse_socket = 503
        with linked(lab.url) as run:
            run.until_state(LinkState.POLLING)
            run.until_more("a", 100)
            lab.refuse_socket = None
            run.until_state(LinkState.STREAMING)
            run.until_stream("a", StreamState.STREAMING)
            run.until_more("a", 100)
            assert (run.network.status.counters.reconnects, run.network.status.counters.fallbacks) == (0, 1)
            run.until_nothing_is_missing("a")
    run.check_samples("a")


def test_without_polling_a_refused_websocket_is_waited_for() -> None:
    with Lab(Acquisition("a")) as lab:
        lab.refuse_socket = 404
        with linked(lab.url, mode=Mode.WEBSOCKET) as run:
            run.until_state(LinkState.WAITING)
            assert "refused (404)" in run.network.status.reason
            lab.refuse_socket = None
            run.until_more("a")


def test_a_secured_server_that_refuses_says_that_it_wants_a_token() -> None:
    with Lab(Acquisition("a")) as lab:
        lab.is_secured = True
        lab.refuse_socket = 403
        with linked(lab.url) as run:
            run.until_state(LinkState.POLLING)
            assert "token" in run.network.status.reason
        with linked(lab.url, token="old") as run:
            run.until_state(LinkState.POLLING)
            assert "wrong or expired" in run.network.status.reason


def test_what_is_open_without_a_token_is_polled_and_the_next_try_for_the_rest_is_told_as_it_is() -> None:
    with Lab(Acquisition("a")) as lab:
        lab.is_secured = True
        lab.refuse_socket = 403
        with linked(lab.url) as run:
            run.until_more("a", 200)
            status = run.network.status
            assert status.state is LinkState.POLLING
            assert status.needs is LinkNeed.PASSWORD
            assert lab.requests.count("/ws") == 1, "a door that waits for a person is not knocked at again"
            assert status.next_retry_us is not None
            assert status.next_retry_us - status.since_us > 0.8 * IMPATIENT.login_retry_s * 1e6


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012])
def test_a_closed_connection_is_made_again_with_the_same_streams(code: int) -> None:
    with Lab(Acquisition("a"), Acquisition("b", 200.0)) as lab, linked(lab.url) as run:
        run.until_more("a")
        run.until_more("b")
        asked = list(lab.started)
        lab.close_sockets(code)
        until(lambda: len(lab.started) == 4)
        run.until_more("a")
        run.until_more("b")
        run.until_nothing_is_missing("a")
        run.until_nothing_is_missing("b")
        assert sorted(map(str, lab.started[2:])) == sorted(map(str, asked))
        assert run.network.status.counters.reconnects == 1
        assert any(f"closed by the server ({code}" in text for text in run.texts)
    run.check_samples("a")
    run.check_samples("b")


def test_a_restarted_server_is_found_again_and_what_was_missed_is_fetched() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a")
        lab.stop(1012)
        run.until_state(LinkState.WAITING)
        run.until_stream("a", StreamState.WAITING)
        missed = lab.acquisitions["a"].total
        until(lambda: lab.acquisitions["a"].total > missed + 500)
        lab.start()
        run.until_state(LinkState.STREAMING)
        run.until_more("a", 600)
        run.until_nothing_is_missing("a")
    assert run.store.series["a"].counters.backfilled > 300
    run.check_samples("a")


def test_a_server_with_other_acquisitions_after_its_restart_shows_those() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a")
        lab.stop()
        lab.acquisitions = {"b": Acquisition("b")}
        lab.start()
        run.until_more("b")
        run.until_stream("a", StreamState.STOPPED)
        assert run.received("a") > 0


def test_new_acquisitions_appear_and_ended_ones_are_marked() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a")
        lab.acquisitions["b"] = Acquisition("b")
        run.until_more("b")
        run.until_stream("b", StreamState.STREAMING)
        lab.acquisitions["a"].state = "stopped"
        lab.acquisitions["a"].frozen_total = lab.acquisitions["a"].total
        run.until_stream("a", StreamState.STOPPED)
        del lab.acquisitions["b"]
        run.until_stream("b", StreamState.STOPPED)
        assert len(lab.started) == 2


def test_an_acquisition_that_had_ended_before_is_fetched_and_shown() -> None:
    with Lab(Acquisition("a", state="stopped", frozen_total=1234)) as lab, linked(lab.url) as run:
        until(lambda: run.received("a") == 1234)
        run.until_stream("a", StreamState.STOPPED)
        assert not lab.started
        fetched = [request for request in lab.requests if "/data" in request]
        listings = len(lab.requests)
        until(lambda: len(lab.requests) > listings + 5)
        assert [request for request in lab.requests if "/data" in request] == fetched
    assert run.check_samples("a") == 1234


def test_an_acquisition_that_is_not_yet_started_is_streamed_once_it_is() -> None:
    with Lab(Acquisition("a", state="idle", frozen_total=0)) as lab, linked(lab.url) as run:
        until(lambda: "a" in run.store.series)
        assert not lab.started
        lab.acquisitions["a"] = Acquisition("a")
        run.until_more("a")
        run.until_stream("a", StreamState.STREAMING)


def test_a_paused_acquisition_is_called_paused_and_not_silent() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url, silence_s=0.1) as run:
        run.until_more("a")
        lab.acquisitions["a"].frozen_total = lab.acquisitions["a"].total
        lab.acquisitions["a"].state = "paused"
        run.until_stream("a", StreamState.PAUSED)
        messages = run.network.status.counters.messages
        until(lambda: run.network.status.counters.messages > messages + 20)
        assert run.stream("a") is StreamState.PAUSED
        assert run.network.status.counters.silent_streams == 0


def test_a_stream_that_is_acknowledged_and_silent_is_polled_and_the_others_stream() -> None:
    with Lab(Acquisition("a"), Acquisition("b")) as lab:
        lab.silent.add("a")
        with linked(lab.url) as run:
            run.until_more("a", 100)
            run.until_stream("a", StreamState.POLLED)
            run.until_stream("b", StreamState.STREAMING)
            assert run.network.status.counters.silent_streams == 1
            assert run.state is LinkState.STREAMING
            until(lambda: len([each for each in lab.started if each["acquisition_id"] == "a"]) >= 2)
            lab.silent.clear()
            run.until_stream("a", StreamState.STREAMING)
            run.until_more("a", 100)
            run.until_nothing_is_missing("a")
    run.check_samples("a")


@pytest.mark.parametrize("count", [1, 15, 20])
def test_however_many_streams_are_silent_they_are_polled_within_a_second(count: int) -> None:
    options = LinkOptions(silent_retry_s=60.0)
    with Lab(*(Acquisition(f"a{number}") for number in range(20))) as lab, linked(lab.url, options) as run:
        for name in lab.acquisitions:
            run.until_more(name)
        silent = [f"a{number}" for number in range(count)]
        lab.silent.update(silent)
        fell_silent_s = time.monotonic()
        until(lambda: all(run.stream(name) in (StreamState.SILENT, StreamState.POLLED) for name in silent))
        assert time.monotonic() - fell_silent_s < 1.1  # a second, and the tenth after which it is published
        for name in silent:
            run.until_more(name)
        assert all(run.network.status.streams[name].note for name in silent)
        counters = run.network.status.counters
        assert (counters.silent_streams, counters.reconnects) == (count, 0)


def test_a_connection_that_is_seconds_behind_has_no_silent_streams() -> None:
    with Lab(*(Acquisition(f"a{number}") for number in range(20))) as lab, linked(lab.url, LinkOptions()) as run:
        run.until_more("a19")
        lab.lag_s = 2.5  # nothing comes for so long, then all of it
        run.until_more("a19", 3000)
        counters = run.network.status.counters
        assert (counters.silent_streams, counters.reconnects, counters.zombies) == (0, 0, 0)
        assert not any("/data" in request for request in lab.requests)


def test_the_tail_of_a_run_that_ends_while_it_is_polled_is_fetched() -> None:
    # Polls are a minute apart, so that without a fetch of its own nothing would come after the first.
    with (
        Lab(Acquisition("a", frozen_total=100)) as lab,
        linked(lab.url, mode=Mode.POLLING, poll_interval_ms=60_000) as run,
    ):
        until(lambda: run.received("a") == 100)
        lab.acquisitions["a"].frozen_total = 190
        lab.acquisitions["a"].state = "stopped"
        until(lambda: run.received("a") == 190)
    assert run.check_samples("a") == 190


def test_acquisitions_that_come_and_go_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "MAX_UNLISTED", 2)
    with Lab(Acquisition("stays")) as lab, linked(lab.url, relist_s=0.02) as run:
        run.until_more("stays")
        for number in range(5):
            name = f"a{number}"
            lab.acquisitions[name] = Acquisition(name)
            run.until_more(name, 20)
            del lab.acquisitions[name]
            run.until_stream(name, StreamState.STOPPED)
        until(lambda: sorted(run.store.series) == ["a3", "a4", "stays"])
        until(lambda: sorted(run.network.status.streams) == ["a3", "a4", "stays"])
        run.until_more("stays")
        assert len([text for text in run.texts if "makes room" in text]) == 1


def test_a_silent_stream_is_not_polled_where_the_user_wants_no_polling() -> None:
    with Lab(Acquisition("a")) as lab:
        lab.silent.add("a")
        with linked(lab.url, mode=Mode.WEBSOCKET) as run:
            run.until_stream("a", StreamState.SILENT)
            lab.silent.clear()
            run.until_more("a")
            run.until_stream("a", StreamState.STREAMING)


def test_a_window_that_was_too_small_is_filled_over_rest_and_enlarged() -> None:
    with Lab(Acquisition("a", 1000.0)) as lab:
        # The server says 10 Hz and samples a hundred times as fast.
        status = lab.status(lab.acquisitions["a"])
        status["config"]["sample_rate"] = 10.0
        lab.answers["/api/acquisition/session/a/status"] = (200, "application/json", json.dumps(status).encode())
        with linked(lab.url, interval_ms=100) as run:
            run.until_more("a", 500)
            until(lambda: len(lab.started) == 2)
            assert lab.started[0]["num_samples"] < 100 < lab.started[1]["num_samples"]
            run.until_more("a", 500)
            run.until_nothing_is_missing("a")
            assert run.network.status.streams["a"].num_samples == lab.started[1]["num_samples"]
    assert run.store.series["a"].counters.backfilled > 0
    run.check_samples("a")


def test_a_restarted_acquisition_is_a_new_epoch() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a", 300)
        lab.acquisitions["a"] = Acquisition("a")
        until(lambda: len(run.store.series["a"].epochs) == 2)
        run.until_more("a", 100)
        assert len(lab.started) == 1, "no larger window was asked for"
        run.until_nothing_is_missing("a")
    run.check_samples("a")


def test_a_stream_that_another_client_started_is_described_at_once() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url, relist_s=60.0) as run:
        run.until_more("a")
        lab.acquisitions["b"] = Acquisition("b", frozen_total=500)

        def is_described() -> bool:
            lab.say(window_message(lab.acquisitions["b"], 500, 100))
            return run.received("b") >= 100

        until(is_described)
        assert run.store.series["b"].info.name == "run b"


def test_messages_of_an_unknown_acquisition_do_not_cause_listing_after_listing() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url, relist_s=60.0) as run:
        run.until_more("a")
        listings = sum(request.endswith("/sessions") for request in lab.requests)
        stranger = Acquisition("stranger", frozen_total=10)
        messages = run.network.status.counters.messages
        for _ in range(200):
            lab.say(window_message(stranger, 10, 10))
        until(lambda: run.network.status.counters.messages >= messages + 200)
        run.until_more("a", 1000)
        assert sum(request.endswith("/sessions") for request in lab.requests) == listings + 1
        assert "stranger" not in run.store.series


def test_bad_messages_are_counted_by_reason_and_the_rest_goes_on() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a")
        lab.say("{not json")
        lab.say('{"type": "dance"}')
        lab.say(b"g\x00not gzip")
        until(lambda: run.network.status.counters.invalid_messages == 3)
        run.until_more("a")
        counters = run.network.status.counters
        assert sum(counters.invalid_by_reason.values()) == 3
        assert len(counters.invalid_by_reason) == 3


def test_events_of_the_server_are_handed_over_in_order() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a")
        lab.say('{"type": "alarm_event", "data": {"event_id": "1"}}')
        lab.say('{"type": "alarm_cleared", "data": {"event_id": "1"}}')
        events: list[ServerEvent] = []

        def both() -> bool:
            events.extend(event for event in run.network.drain_events() if isinstance(event, ServerEvent))
            return len(events) == 2

        until(both)
        assert [event.type for event in events] == ["alarm_event", "alarm_cleared"]


def test_whether_the_lists_are_known_is_shown() -> None:
    with Lab() as lab:
        lists = ("/api/acquisition/sessions", "/api/equipment/list")
        for path in lists:
            lab.answers[path] = (500, "text/html", b"<html>")
        with linked(lab.url, greet_s=0.05) as run:

            def said() -> tuple[str, str]:
                return run.network.status.no_acquisitions, run.network.status.no_equipment

            assert said() == (NOT_HAD_YET, NOT_HAD_YET) or all("cannot be had" in each for each in said())
            until(lambda: all("cannot be had" in each and "status 500" in each for each in said()))
            for path in lists:
                del lab.answers[path]
            until(lambda: said() == ("", ""))


def test_a_listing_that_fails_is_said_once_and_harms_no_stream() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a")
        lab.answers["/api/acquisition/sessions"] = (500, "text/html", b"<html>")
        until(lambda: run.network.status.counters.rest_errors >= 3)
        run.until_more("a")
        assert run.state is LinkState.STREAMING
        assert len([text for text in run.texts if "acquisitions not listed" in text]) == 1


def test_while_polling_a_server_that_goes_away_is_noticed() -> None:
    with Lab(Acquisition("a")) as lab, linked(lab.url, mode=Mode.POLLING) as run:
        run.until_more("a")
        lab.stop()
        run.until_state(LinkState.WAITING)
        assert "refused" in run.network.status.reason
        lab.start()
        run.until_more("a")
        assert run.network.status.counters.reconnects == 1
        assert run.network.status.counters.fallbacks == 0


def test_a_web_server_that_is_no_lablink_is_called_so() -> None:
    with Lab() as lab:
        lab.answers["/api"] = (200, "text/html", b"<html>welcome</html>")
        with linked(lab.url) as run:
            run.until_state(LinkState.WAITING)
            assert "not JSON" in run.network.status.reason


def test_a_fault_of_our_own_ends_in_the_log_and_in_another_try(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults = iter([ZeroDivisionError("ours")])
    real = Receiver.take

    def take(self: Receiver, raw: bytes) -> None:
        for fault in faults:
            raise fault
        real(self, raw)

    monkeypatch.setattr(Receiver, "take", take)
    with Lab(Acquisition("a")) as lab, linked(lab.url) as run:
        run.until_more("a")
        assert any("internal fault: ZeroDivisionError" in text for text in run.texts)
    assert "Traceback" in caplog.text


def test_logging_out_where_there_is_no_login_leaves_the_streams_alone() -> None:
    with Lab() as lab, linked(lab.url) as run:
        until(lambda: run.state is LinkState.STREAMING)
        before = run.network.status.counters.reconnects
        run.network.send(Forget())
        until(lambda: any("no login" in text for text in run.texts))
        assert run.state is LinkState.STREAMING
        assert run.network.status.counters.reconnects == before
        assert not any("logged out" in text for text in run.texts)
