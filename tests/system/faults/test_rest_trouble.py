"""REST that is slow, crashes or answers nonsense: each call fails by itself, with one clear line, and nobody waits."""

from __future__ import annotations

import time

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import LinkState, Mode
from lablink_dpg.sim.process import SimProcess
from tests.link.lab import until
from tests.link.running import Running, linked
from tests.system.faults.bench import bench

LISTINGS = ("acquisitions not listed", "equipment not listed")
ANSWERS = {
    "rest-500": "/api/acquisition/sessions: status 500",
    "rest-html": "/api/acquisition/sessions: status 502",
    "rest-html:200": "/api/acquisition/sessions: answer is not JSON, so this is not LabLink's REST",
    "rest-type": "/api/acquisition/sessions: answer is JSON, but not an object",
}
SLACK_S = 1.0  # on a loaded machine


def failures(run: Running) -> list[str]:
    return [text for text in run.texts if any(word in text for word in LISTINGS)]


def test_an_answer_that_is_none_is_one_line_and_the_streams_go_on() -> None:
    with bench(streams=2, relist_s=0.2) as it:
        for fault, said in ANSWERS.items():
            before, errors = len(failures(it.run)), it.run.network.status.counters.rest_errors
            it.fault(fault)
            until(lambda errors=errors: it.run.network.status.counters.rest_errors >= errors + 3, it.run.how_it_stands)
            it.until_more(200)
            assert it.is_streaming(2)
            assert failures(it.run)[before:] == [f"acquisitions not listed: {said}"], "three calls, and one line"
            it.fault("clear")
            errors = it.run.network.status.counters.rest_errors
            it.until_more(300)
            assert it.run.network.status.counters.rest_errors <= errors + 1  # one may have been on its way
        counters = it.run.network.status.counters
        assert (counters.reconnects, counters.fallbacks, counters.silent_streams, it.reasons) == (0, 0, 0, {})
        it.end_whole()
        assert it.counters.backfilled == 0


def test_a_slow_answer_ends_at_its_named_timeout_and_nothing_else_waits_for_it() -> None:
    """Neither the streams nor a reconnect, which would like to list what there is."""
    timeout_s = LinkOptions().rest_timeout_s
    with bench(streams=2, sim=("--buffer", "60000"), data_timeout_s=timeout_s / 2) as it:
        began_s = it.fault("slow-rest:10")
        it.fault("reset")
        until(lambda: it.run.network.status.counters.reconnects == 1, it.run.how_it_stands)
        until(lambda: it.is_streaming(2), it.run.how_it_stands)
        assert time.monotonic() - began_s < timeout_s / 2, "REST has not answered yet"
        until(lambda: len(failures(it.run)) == len(LISTINGS), lambda: str(it.run.texts))
        assert timeout_s - SLACK_S < time.monotonic() - began_s < LinkOptions().relist_s + timeout_s + SLACK_S
        assert all(f": no answer within {timeout_s:g} s: /api" in each for each in failures(it.run)), it.run.texts
        assert "no answer within" in it.run.network.status.rest_reason
        assert it.is_streaming(2)
        it.fault("clear")
        it.until_more(200)
        until(lambda: not it.run.network.status.rest_reason, it.run.how_it_stands)
        counters = it.run.network.status.counters
        assert (counters.reconnects, counters.silent_streams, it.reasons) == (1, 0, {})
        it.end_whole()  # what fell between the two connections has come, as soon as REST did
        assert it.counters.backfilled > 0


def test_while_polling_a_rest_that_fails_is_said_and_what_was_missed_is_fetched_later() -> None:
    with bench(streams=2, mode=Mode.POLLING) as it:
        for fault in ("rest-500", "rest-type"):
            errors = it.run.network.status.counters.rest_errors
            it.fault(fault)
            until(lambda errors=errors: it.run.network.status.counters.rest_errors >= errors + 2, it.run.how_it_stands)
            it.fault("clear")
            it.until_more(500)
        assert sum("not polled" in text for text in it.run.texts) >= 2
        assert it.run.state is LinkState.POLLING
        counters = it.run.network.status.counters
        assert (counters.reconnects, counters.zombies, it.reasons) == (0, 0, {})
        it.end_whole()


def test_a_server_whose_rest_crashes_from_the_start_is_said_and_streamed_as_soon_as_it_lists() -> None:
    with SimProcess(streams=2, faults=("rest-500",)) as sim, linked(sim.url, LinkOptions()) as run:
        run.until_state(LinkState.STREAMING)
        until(lambda: any("status 500" in text for text in run.texts), lambda: str(run.texts))
        assert not run.store.series
        sim.fault("clear")
        until(lambda: len(run.store.series) == 2, run.how_it_stands)
        for name in run.store.series:
            run.until_more(name, 300)
            run.until_nothing_is_missing(name)
